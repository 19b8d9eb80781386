// A Cloudflare Worker: answers with the MTA-STS policy at one address, and nothing else.
// README.txt in the same folder has the steps.

const POLICY = POLICY_TEXT;

export default {
  async fetch(request) {
    if (new URL(request.url).pathname !== "/.well-known/mta-sts.txt") {
      return new Response("Not found\n", { status: 404 });
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      return new Response("Method not allowed\n", { status: 405, headers: { Allow: "GET, HEAD" } });
    }
    const body = request.method === "HEAD" ? null : POLICY;
    return new Response(body, { headers: { "Content-Type": "text/plain" } });
  },
};
