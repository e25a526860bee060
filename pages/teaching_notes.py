"""For teachers: a lesson of 45 minutes."""

from lrdemo.ui.lesson.teaching_notes import notes

notes()
