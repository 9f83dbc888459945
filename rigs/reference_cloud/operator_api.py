"""What the operator of the cloud calls, over its Unix socket: set an account up, read what came."""

from aiohttp import web

from rigs.reference_cloud.account_api import KeeperApi
from rigs.reference_cloud.calls import OperatorCalls
from rigs.reference_cloud.responses import response


class OperatorApi:
    """Carries health, account, inbox and uploads to `calls`."""

    def __init__(self, calls: OperatorCalls, accounts: KeeperApi) -> None:
        self._calls, self._accounts = calls, accounts

    def application(self) -> web.Application:
        """The aiohttp application to serve."""
        app = web.Application()
        app.router.add_get("/operator/health", self._health)
        app.router.add_put("/operator/account", self._account)
        app.router.add_get("/operator/inbox", self._inbox)
        app.router.add_get("/operator/inbox/{message_id}/audio", self._audio)
        app.router.add_get("/operator/uploads", self._uploads)
        self._accounts.add_to(app)
        return app

    async def _health(self, _: web.Request) -> web.Response:
        return response(self._calls.health())

    async def _account(self, request: web.Request) -> web.Response:
        return response(self._calls.account(await request.read()))

    async def _inbox(self, request: web.Request) -> web.Response:
        return response(self._calls.inbox(request.query.get("token", "")))

    async def _audio(self, request: web.Request) -> web.Response:
        return response(self._calls.audio(request.match_info["message_id"]))

    async def _uploads(self, request: web.Request) -> web.Response:
        return response(self._calls.uploads(request.query.get("token", "")))
