// Serves a folder on loopback, on a port chosen by the kernel, like a plain web server.
import { spawn } from "node:child_process";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { createInterface } from "node:readline";
import { createGzip } from "node:zlib";

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".prom": "text/plain; charset=utf-8",
  ".svg": "image/svg+xml",
  ".xml": "application/atom+xml",
};

// The validators of a file, as nginx makes them.
const tags = ({ mtime, size }) =>
  ({ "ETag": `"${Math.floor(mtime / 1000).toString(16)}-${size.toString(16)}"`, "Last-Modified": mtime.toUTCString() });

async function answer(folder, request, response, manners) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://localhost").pathname));
  const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
  const found = await stat(file).catch(() => null);
  const compressed = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");

  manners.requests?.push(`${request.method} ${path}`);
  if (manners.isDown) {
    request.socket.destroy();
    return;
  }
  response.sendDate = manners.sendsDate ?? true;
  if (manners.now) response.setHeader("Date", new Date(manners.now()).toUTCString());
  if (manners.age) response.setHeader("Age", manners.age);
  if (!found?.isFile()) {
    response.writeHead(404, { "Content-Type": "text/plain" }).end("no such file\n");
    return;
  }
  if (manners.refuses?.(request)) {
    response.writeHead(405, { "Content-Type": "text/plain" }).end();
    return;
  }
  const headers = manners.validates ? tags(found) : {};
  if (headers.ETag && request.headers["if-none-match"] === headers.ETag) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, {
    "Content-Type": TYPES[extname(file)] ?? "application/octet-stream",
    "Cache-Control": "max-age=60",
    ...headers,
    ...(compressed && { "Content-Encoding": "gzip" }),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  const bytes = createReadStream(file);
  (compressed ? bytes.pipe(createGzip()) : bytes).pipe(response);
}

// Listens until close is called; url has no slash at its end.
async function listen(handler) {
  const server = createServer(handler);

  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

// The manners of the server may be changed at any time: now() is its clock; without sendsDate it has
// none; age is that of its answers; refuses(request) answers 405; isDown closes connections; validates
// adds validators; requests collects the requests.
export function serve(folder, manners = {}) {
  return listen((request, response) => answer(folder, request, response, manners));
}

// The endpoints of the dashboards' monitors: /STATUS answers with this status, /hang never does.
export function serveEndpoints() {
  return listen((request, response) => {
    const word = request.url.split(/[/?]/)[1];

    if (word === "hang") return;
    if (word === "bot") response.end("Checking your browser before you go on\n");
    else response.writeHead(Number(word) || 404).end("Add to basket\n");
  });
}

// The awkward server, with its files in this folder: ports by name, as it prints them.
export async function serveAwkward(folder) {
  const child = spawn(process.env.AWKWARD, [folder], { stdio: ["pipe", "pipe", "inherit"] });
  const ports = {};

  for await (const line of createInterface(child.stdout)) {
    if (!line) break;
    const [name, port] = line.split("=");
    ports[name] = port;
  }
  return { ports, close: () => child.stdin.end() };
}
