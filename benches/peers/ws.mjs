// Peer of `fanout`: npm `ws` that sends one pre-serialised message to every screen when the trigger connection says so.
import { createRequire } from "node:module";
const require = createRequire(new URL("../../web/package.json", import.meta.url));
const { WebSocketServer } = require("ws");

const message = Buffer.from(JSON.stringify({ type: "update", seq: 1, at: 1, updates: "x".repeat(380) }));
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });
const screens = new Set();
server.on("connection", (socket, request) => {
  socket._socket.setNoDelay(true);
  if (request.url === "/trigger") {
    socket.on("message", () => {
      for (const screen of screens) screen.send(message, { binary: false });
    });
  } else {
    screens.add(socket);
    socket.on("close", () => screens.delete(socket));
  }
});
server.on("listening", () => console.log(`127.0.0.1:${server.address().port}`));
