# Peer of `fanout`: uWebSockets (PyPI socketify) that publishes one pre-serialised message to every screen when the trigger connection says so.
import json
from socketify import App, CompressOptions, OpCode

message = json.dumps({"type": "update", "seq": 1, "at": 1, "updates": "x" * 380})
app = App()


def opened(ws):
    if ws.get_user_data() == "screen":
        ws.subscribe("screens")


def upgraded(res, req, context):
    kind = "trigger" if req.get_url() == "/trigger" else "screen"
    res.upgrade(
        req.get_header("sec-websocket-key"),
        req.get_header("sec-websocket-protocol"),
        req.get_header("sec-websocket-extensions"),
        context,
        kind,
    )


def said(ws, text, kind):
    app.publish("screens", message, OpCode.TEXT)


app.ws("/*", {"compression": CompressOptions.DISABLED, "idle_timeout": 0, "upgrade": upgraded, "open": opened, "message": said})
app.listen({"host": "127.0.0.1", "port": 0}, lambda config: print(f"127.0.0.1:{config.port}", flush=True))
app.run()
