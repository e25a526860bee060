"""What tests/conftest.py wants of pytest-xdist, of which a version that does not give it says nothing."""

import os


def test_every_file_is_run_in_one_process(request):
    group = "@test_two_processes.py" if "PYTEST_XDIST_WORKER" in os.environ else ""
    assert request.node.nodeid.endswith(f"test_every_file_is_run_in_one_process{group}")
