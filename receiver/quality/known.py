"""What is known of a meeting whose quality is asked for. Pure."""

from .port import Kind, MeasuredMeeting, MeasuredParticipant


class Known:
    """A meeting that is on the list and ours to ask for."""

    def __init__(self, meeting: MeasuredMeeting) -> None:
        self.meeting = meeting
        self.people: dict[str, MeasuredParticipant] = {}

    def in_alarm(self, participant: MeasuredParticipant, kind: Kind) -> bool:
        """Whether this kind is what is bad of this participant; where the meeting does not tell kinds, any may be."""
        return participant.alarm and (not self.meeting.alarms or kind in self.meeting.alarms)

    def counts(self, participant: MeasuredParticipant) -> bool:
        """Whether to look at somebody. One who has left is looked at once more: how it was may be why."""
        stays = participant.left_at is None or participant.participant_id in self.people
        return participant.has_measurements and stays
