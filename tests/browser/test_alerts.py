"""Alerts: what stands, who looks after it, and what nobody is told of."""

from __future__ import annotations

from playwright.async_api import Browser, expect

from .chromium import looking
from .desks import Whole
from .serving import ADMIN, PARTIAL, Served
from .story import Meeting


async def _fired(whole: Whole, meeting_id: str) -> Meeting:
    meeting = Meeting(whole.story, meeting_id)
    whole.story.tell(*meeting.begins("Budget", {"a": "Anna"}), meeting.alert())
    await whole.decide()
    return meeting


async def test_an_alert_is_told_of_and_leads_to_its_meeting(browser: Browser, whole: Whole) -> None:
    """An alert shows where it is, why, and since when; one press away is the meeting; it goes when it is over."""
    async with looking(browser, whole.url, cookies=whole.cookies) as look:
        await look.go("/#/alerts")
        await expect(look.page.get_by_text("Nothing is wrong.")).to_be_visible()
        meeting = await _fired(whole, "965001")
        alert = look.page.locator(".alert").first
        await expect(alert).to_contain_text("Meeting · audio-loss")
        await expect(alert).to_contain_text("Audio, sends · packet loss above 10% · 4 of the last 5")
        await expect(alert).to_contain_text("2 of 5 people")
        whole.story.tell(meeting.alert("resolved"))
        await whole.decide()
        await expect(look.page.locator(".past .alert")).to_contain_text("figures are good")
        await expect(look.page.get_by_text("Nothing is wrong.")).to_be_visible()
        await look.page.get_by_role("link", name="to the meeting").click()
        await expect(look.page.get_by_role("heading", level=1)).to_have_text("Budget")


async def test_somebody_looks_after_it(browser: Browser, whole: Whole) -> None:
    """Who acknowledges leaves name and note; the others see it, without reload, and the button is gone."""
    await _fired(whole, "965002")
    async with (
        looking(browser, whole.url, cookies=whole.cookies) as look,
        looking(browser, whole.url, cookies=whole.viewer) as other,
    ):
        for one in (look, other):
            await one.go("/#/alerts")
            await expect(one.page.locator(".alert")).to_have_count(1)
        await expect(other.page.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await look.page.get_by_role("button", name="Acknowledge").click()
        dialog = look.page.get_by_role("dialog")
        await dialog.get_by_label("Note").fill("<b>the line</b> in Shenzhen")
        await dialog.get_by_role("button", name="Acknowledge").click()
        await expect(look.page.locator(".alert")).to_contain_text(f"{ADMIN} looks after it")
        await expect(look.page.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await expect(look.page.locator(".alert")).to_contain_text("<b>the line</b> in Shenzhen")
        await expect(dialog).to_have_count(0)
        await expect(look.page.get_by_role("heading", level=1)).to_be_focused()
        await expect(other.page.locator(".alert")).to_contain_text(f"{ADMIN} looks after it")


async def test_a_silence_is_made_and_ended(browser: Browser, whole: Whole) -> None:
    """A silence of an alert is filled in already, needs a reason, marks the alert, and can be ended."""
    await _fired(whole, "965003")
    async with looking(browser, whole.url, cookies=whole.cookies) as look:
        await look.go("/#/alerts")
        await look.page.locator(".alert").get_by_role("button", name="Silence").click()
        dialog = look.page.get_by_role("dialog")
        await expect(dialog.get_by_label("Place")).to_have_value("965003")
        await dialog.get_by_role("button", name="Silence").click()
        await expect(dialog).to_be_visible()
        await dialog.get_by_label("Why").fill("the provider changes its line")
        await dialog.get_by_role("button", name="Silence").click()
        await expect(dialog).to_have_count(0)
        await expect(look.page.locator(".silences")).to_contain_text("place = 965003")
        await expect(look.page.locator(".alert")).to_contain_text("silenced")
        await look.page.get_by_role("button", name="End", exact=True).click()
        await expect(look.page.get_by_text("None: people are told of everything.")).to_be_visible()
        await expect(look.page.get_by_role("heading", level=1)).to_be_focused()


async def test_a_silence_about_everything_is_not_made(browser: Browser, whole: Whole) -> None:
    """Without anything that an alert has to fit, the dialog stays and says so."""
    async with looking(browser, whole.url, cookies=whole.cookies) as look:
        await look.go("/#/alerts")
        await look.page.get_by_role("button", name="New silence").click()
        dialog = look.page.get_by_role("dialog")
        await dialog.get_by_label("Why").fill("quiet, please")
        await dialog.get_by_role("button", name="Silence").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("Give at least one")
        await look.page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)


async def test_who_sees_some_enterprises_sees_their_alerts(browser: Browser, whole: Whole) -> None:
    """Silences match across enterprises: he acknowledges, and has no part in these."""
    await _fired(whole, "965004")
    async with looking(browser, whole.url, cookies=whole.partial) as look:
        await look.go("/#/alerts")
        alert = look.page.locator(".alert")
        await expect(alert).to_contain_text("Meeting · audio-loss")
        await expect(look.page.get_by_role("button", name="Silence")).to_have_count(0)
        await expect(look.page.get_by_role("heading", name="Silences")).to_be_hidden()
        await alert.get_by_role("button", name="Acknowledge").click()
        dialog = look.page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Acknowledge").click()
        await expect(alert).to_contain_text(f"{PARTIAL} looks after it")


async def test_alerts_are_shown_where_nobody_can_be_asked_about_them(browser: Browser, served: Served) -> None:
    """Where another installation decides them, the topic tells of them all the same; there are no buttons then."""
    meeting = Meeting(served.story, "965005")
    served.story.tell(*meeting.begins("Budget", {"a": "Anna"}))
    async with looking(browser, served.url, cookies=served.cookies) as look:
        await look.go("/#/")
        await expect(look.page.locator(".meetings .row")).to_have_count(1)
        await expect(look.page.get_by_role("link", name="Alerts")).to_be_hidden()
        served.story.tell(meeting.alert())
        await look.page.get_by_role("link", name="Alerts").click()
        await expect(look.page.locator(".alert")).to_contain_text("Meeting · audio-loss")
        await expect(look.page.get_by_role("button", name="Acknowledge")).to_have_count(0)
        await expect(look.page.get_by_role("button", name="Silence")).to_have_count(0)
