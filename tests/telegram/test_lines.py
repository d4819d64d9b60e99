"""The lines in which chats wait: their order, their holds, and who goes first."""

import asyncio

import pytest

from bot.telegram.lines import Lines


async def served(lines: Lines, count: int) -> list:
    """Take and deal with so many items."""
    found = []
    for _ in range(count):
        chat, _, item = await asyncio.wait_for(lines.take(), 1)
        found.append(item)
        lines.done(chat)
    return found


async def test_lines_are_served_by_their_first_item_urgent_lines_before():
    lines: Lines[str] = Lines()
    for order, chat in enumerate("abcab"):
        lines.put(ord(chat), order, f"{chat}{order}", urgent=order == 4)
    assert await served(lines, 5) == ["b1", "b4", "a0", "c2", "a3"]
    assert len(lines) == 0


async def test_a_line_is_served_one_at_a_time_and_sorted():
    lines: Lines[int] = Lines()
    lines.put(1, 5, 5)
    chat, _, first = await lines.take()
    for order in (9, 3, 7):
        lines.put(1, order, order)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(lines.take(), 0.05)
    lines.done(chat)
    assert (first, await served(lines, 3)) == (5, [3, 7, 9])


async def test_a_held_line_waits_while_others_go_on():
    lines: Lines[str] = Lines()
    lines.put(1, 1, "held")
    chat, _, _ = await lines.take()
    lines.hold(chat, 0.1)
    lines.put(2, 2, "other")
    assert await served(lines, 2) == ["other", "held"]


async def test_a_stranded_line_waits_until_it_is_released():
    lines: Lines[str] = Lines()
    lines.put(1, 1, "stranded")
    chat, _, _ = await lines.take()
    lines.strand(chat)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(lines.take(), 0.05)
    assert lines.first({1, 2}) == 1
    lines.release(chat)
    assert await served(lines, 1) == ["stranded"]


async def test_a_dropped_line_keeps_what_is_being_dealt_with():
    lines: Lines[str] = Lines()
    for order in (1, 2, 3):
        lines.put(1, order, str(order))
    chat, _, _ = await lines.take()
    assert lines.drop(1) == ["2", "3"]
    lines.done(chat)
    assert len(lines) == 0 and lines.drop(1) == []


async def test_what_may_have_a_predecessor_waits_a_moment_for_it():
    lines: Lines[str] = Lines()
    lines.put(1, 2, "second", after=0.1)
    lines.put(1, 1, "first")
    assert await served(lines, 2) == ["first", "second"]
