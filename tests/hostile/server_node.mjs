// A keep-alive upstream on Node's own HTTP server: writes one line for each request it sees.
import http from "node:http";

const answer = JSON.stringify({
  id: "a", model: "gpt-4o-mini", choices: [],
  usage: {prompt_tokens: 7, completion_tokens: 5},
});
const see = (...words) => process.stdout.write(words.join(" ") + "\n");
const server = http.createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    see("seen", request.headers["user-agent"] ?? "-", request.method);
    response.writeHead(200, {"Content-Type": "application/json", "Content-Length": answer.length});
    response.end(answer);
  });
});
server.on("clientError", (error, socket) => {
  if (error.code !== "ECONNRESET") see("malformed", error.code, "-");
  socket.destroy();
});
server.listen(0, "127.0.0.1", () => see("port", server.address().port, "-"));
