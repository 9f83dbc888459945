"""An answer of the cloud as aiohttp sends it, and whose call it is."""

from aiohttp import web

from rigs.reference_cloud.calls import Answer, Archive


def response(answer: Answer) -> web.Response:
    """The response that says `answer`."""
    if answer.archive is not None:
        return _archive(answer.status, answer.archive)
    if answer.wav is not None:
        return web.Response(body=answer.wav, content_type="audio/wav", status=answer.status)
    if answer.body is None:
        return web.Response(status=answer.status)
    return web.json_response(answer.body, status=answer.status)


def _archive(status: int, archive: Archive) -> web.Response:
    headers = {"ETag": f'"{archive.mark}"', "Accept-Ranges": "bytes"}
    if status == 206:
        headers["Content-Range"] = f"bytes {archive.begins}-{archive.total - 1}/{archive.total}"
    return web.Response(
        body=archive.content, content_type="application/zip", status=status, headers=headers
    )


def bearer(request: web.Request) -> str:
    """The token that a call comes with; empty where it has none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
