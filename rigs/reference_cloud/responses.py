"""An answer of the cloud as aiohttp sends it, and whose call it is."""

from aiohttp import web

from rigs.reference_cloud.calls import Answer


def response(answer: Answer) -> web.Response:
    """The response that says `answer`."""
    if answer.archive is not None:
        return web.Response(
            body=answer.archive, content_type="application/zip", status=answer.status
        )
    if answer.wav is not None:
        return web.Response(body=answer.wav, content_type="audio/wav", status=answer.status)
    if answer.body is None:
        return web.Response(status=answer.status)
    return web.json_response(answer.body, status=answer.status)


def bearer(request: web.Request) -> str:
    """The token that a call comes with; empty where it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
