import type { Plugin } from "vite";

/** Answers the API with made-up data while developing without a server. Never part of a build. */
export function mockApi(): Plugin {
  return {
    name: "mock-api",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use("/api/v1", (request, response) => {
        void server.ssrLoadModule("/mock/data.ts").then((module) => {
          const chunks: Buffer[] = [];
          request.on("data", (chunk: Buffer) => chunks.push(chunk));
          request.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            const url = new URL(request.url ?? "/", "http://mock");
            const answer = (module.answer as (method: string, url: URL, body: unknown) => { status: number; body: unknown })(
              request.method ?? "GET",
              url,
              text.startsWith("{") ? JSON.parse(text) : text,
            );
            response.statusCode = answer.status;
            response.setHeader("Content-Type", "application/json");
            response.end(JSON.stringify(answer.body));
          });
        });
      });
    },
  };
}
