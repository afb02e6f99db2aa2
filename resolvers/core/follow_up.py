"""What follows from a survey: a referral, a service. The survey then is no longer open."""

from models import Survey, SurveyState
from resolvers.core.states import machine
from resolvers.core.write import Row, Writer

SURVEYS = machine(
    Survey,
    {
        SurveyState.OPEN: (SurveyState.FOLLOWED_UP, SurveyState.CLOSED),
        SurveyState.FOLLOWED_UP: (SurveyState.CLOSED,),
        SurveyState.CLOSED: (),
    },
)


async def follow_up(writer: Writer, survey: Row, field: str) -> None:
    """Notes that something follows from a survey in scope; one that is closed is refused. Raises Rejected.

    `field`: the input's that names the survey.
    """
    if survey["state"] != SurveyState.FOLLOWED_UP:
        await SURVEYS.advance(writer, survey, SurveyState.FOLLOWED_UP, field)
