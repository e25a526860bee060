"""The parts that all charts are made of, as the plain dictionaries that they are."""

from lrdemo.ui.charts import BLUE, axis, bars, categories, line, points


def test_an_axis_names_what_it_shows_beside_its_middle():
    assert axis("cost", 34, min=0, max=12, axisLabel={"interval": 0}) == {
        "type": "value", "name": "cost", "nameLocation": "middle", "nameGap": 34, "min": 0, "max": 12,
        "nameTextStyle": {"fontSize": 12}, "axisLabel": {"fontSize": 12, "interval": 0},
    }  # fmt: skip


def test_categories_stand_in_the_order_given():
    found = categories("digit", ("0", "1"))

    assert (found["type"], found["name"], found["data"]) == ("category", "digit", ["0", "1"])


def test_a_line_goes_through_its_points_in_its_colour_and_dash():
    series = line("cost", [0, 1], [2, 3.123456789], BLUE, "dashed")

    assert series["data"] == [[0, 2], [1, 3.1234568]]
    assert (series["type"], series["name"], series["showSymbol"]) == ("line", "cost", False)
    assert series["lineStyle"] == {"color": BLUE, "width": 3, "type": "dashed"}
    assert series["itemStyle"] == {"color": BLUE}
    assert "markLine" not in series


def test_a_line_is_marked_where_it_is_told_to_be_in_its_own_colour():
    marked = line("cost", [0, 1], [2, 3], BLUE, "dashed", 0.0)["markLine"]

    assert marked["data"] == [{"xAxis": 0.0}]
    assert marked["lineStyle"] == {"color": BLUE, "type": "dashed", "width": 1.2}
    assert (marked["silent"], marked["symbol"], marked["label"]) == (True, "none", {"show": False})


def test_points_lie_at_x_and_y():
    assert points("patients", [1, 2], [3, 4], BLUE, "diamond", 9) == {
        "type": "scatter", "name": "patients", "symbol": "diamond", "symbolSize": 9,
        "itemStyle": {"color": BLUE, "opacity": 1}, "data": [[1, 3], [2, 4]],
    }  # fmt: skip


def test_bars_carry_their_rounded_values_and_end_at_the_top():
    option = bars(["a", "b"], [0.12345, 2], "kind", "share", 3, 4)

    assert option["xAxis"] == categories("kind", ["a", "b"])
    assert option["yAxis"] == axis("share", 44, min=0, max=4)
    (series,) = option["series"]
    assert (series["type"], series["itemStyle"]) == ("bar", {"color": BLUE})
    assert [bar["value"] for bar in series["data"]] == [0.123, 2.0]
    assert [bar["label"]["formatter"] for bar in series["data"]] == ["0.123", "2.000"]
    assert series["label"] == {"show": True, "position": "top", "fontSize": 12}
    assert option["animation"] is False
