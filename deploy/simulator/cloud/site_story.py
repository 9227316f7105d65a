"""The story of a place whose way out is bad: everyone there is heard badly, in whichever meeting, and hears well.

That is what one alert on one place is to say; it is over when the line is good again.
"""

from datetime import timedelta

from ..events import milliseconds
from .cloud import Cloud
from .sites import HEADQUARTERS, SiteStory


async def tell(cloud: Cloud, story: SiteStory) -> None:
    """Have the meetings be on, and let the line of the place turn bad and good again by the cloud's clock."""
    start = cloud.clock.now()
    _begin(cloud, story, milliseconds(start - timedelta(seconds=story.on_for_s)))
    for at_s, poor in ((story.poor_from_s, True), (story.poor_until_s, False)):
        at = start + timedelta(seconds=at_s)
        await cloud.clock.sleep_until(at)
        cloud.set_uplink(story.site, poor=poor, at_ms=milliseconds(min(at, cloud.clock.now())))


def _begin(cloud: Cloud, story: SiteStory, began_ms: int) -> None:
    elsewhere = []
    for number in range(1, story.meetings + 1):
        subject = f"{story.site}周会 {number} / {story.site} weekly {number}"
        told = tuple(push for push in cloud.options.push_types if push != "NetConditionNotify")
        meeting = cloud.start_meeting(subject=subject, mixed=False, push_types=told, began_ms=began_ms)
        for _ in range(story.there):
            cloud.join(meeting.meeting_id, site=story.site, joined_ms=began_ms)
        for _ in range(story.elsewhere):
            pid = cloud.join(meeting.meeting_id, site=HEADQUARTERS, joined_ms=began_ms)
            elsewhere.append((meeting.meeting_id, pid))
    for meeting_id, pid in elsewhere[:1]:
        cloud.rate(meeting_id, pid, poor=True)
