"""An answer of the cloud as aiohttp sends it."""

from aiohttp import web

from rigs.reference_cloud.calls import Answer


def response(answer: Answer) -> web.Response:
    """The response that says `answer`."""
    if answer.wav is not None:
        return web.Response(body=answer.wav, content_type="audio/wav", status=answer.status)
    if answer.body is None:
        return web.Response(status=answer.status)
    return web.json_response(answer.body, status=answer.status)
