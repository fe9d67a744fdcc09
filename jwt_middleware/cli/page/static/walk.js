// How a walk looks: the services, and one card for each hop. Text becomes text, never markup.

export function draw(name, attributes = {}, ...inside) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...inside.filter((each) => each !== null));
  return element;
}

// The services, with the numbers of the hops that came by; without a new walk the numbers stay.
export function shownPlaces(places, hops, before) {
  return places.map(({ name, what, runs }) => {
    const old = before.querySelector(`[data-place="${name}"]`);
    const numbers = hops ? hops.flatMap((hop, index) => (hop.service === name ? [index] : [])) : null;
    const steps = numbers
      ? numbers.map((index) => draw("span", { class: `step ${hops[index].admitted ? "yes" : "no"}` }, String(index + 1)))
      : [...(old?.querySelectorAll(".step") ?? [])];
    const kind = `place ${runs ? "" : "stopped"} ${steps.length ? "visited" : ""}`;
    const state = draw("span", { class: "state" }, runs ? "runs" : "stopped");
    const head = draw("span", { class: "head" }, draw("b", {}, name), ...steps);
    return draw("li", { class: kind, "data-place": name }, head, draw("small", {}, what), state);
  });
}

export function shownWalk({ request, status, hops, asides }, caller) {
  const sent = draw("p", { class: "sent" }, `You, as ${caller}, send `, draw("code", {}, `${request.method} ${request.path}`), ` to ${request.service}.`);
  const list = draw("ol", { class: "hops" }, ...hops.map((hop, index) => shownHop(hop, index, hops)));
  return [sent, list, ...(asides.length ? [shownAsides(asides)] : []), draw("p", { class: "sent" }, `You get the status ${status}.`)];
}

function depthOf(hop, hops) {
  return hop.asked_by === null ? 0 : 1 + depthOf(hops[hop.asked_by], hops);
}

function shownHop(hop, index, hops) {
  const kind = hop.admitted ? "yes" : "no";
  const title = draw("h3", {}, draw("span", { class: `step ${kind}` }, String(index + 1)), draw("span", { class: "name" }, hop.service));
  const line = draw("div", { class: "line" }, title, draw("code", {}, `${hop.method} ${hop.path}`), draw("span", { class: `status ${hop.status < 400 ? "yes" : "no"}` }, String(hop.status)));
  const verdict = draw("b", { class: `verdict ${kind}` }, hop.admitted ? (hop.reason === "admitted" ? "Let in" : `Let in (${hop.reason})`) : "Refused");
  const facts = draw(
    "dl",
    {},
    ...fact("Came with", hop.carried || "no token"),
    ...fact("Principal", ...shownPrincipal(hop)),
    ...fact("Required", ...shownRequirement(hop)),
    ...fact("Decision", verdict, draw("span", { class: "why" }, hop.why), shownChecks(hop.checks)),
    ...(hop.explanation ? fact("Part by part", draw("ul", { class: "tree" }, shownVerdict(hop.explanation))) : []),
  );
  return draw("li", { class: `hop ${kind} depth-${Math.min(depthOf(hop, hops), 3)}`, "data-service": hop.service, "data-reason": hop.reason }, line, facts);
}

function fact(name, ...values) {
  return [draw("dt", {}, name), draw("dd", {}, ...values)];
}

function shownPrincipal({ principal, admitted }) {
  if (!principal) return [draw("span", { class: "none" }, admitted ? "nobody: anonymous" : "nobody")];
  const kind = principal.kind === "machine" ? "a machine" : "a person";
  const of = principal.tenant ? ` of ${principal.tenant}` : "";
  const acts = principal.actors.length ? [draw("span", { class: "acts" }, `${principal.actors.join(", for ")} acts for them`)] : [];
  const rights = ["roles", "permissions", "scopes"].flatMap((field) =>
    principal[field].map((right) => draw("span", { class: `right ${field}`, title: field.slice(0, -1) }, right)),
  );
  return [draw("b", {}, principal.subject), ` ${kind}${of}, known to ${principal.issuer}`, ...acts, draw("span", { class: "rights" }, ...rights)];
}

function shownRequirement({ requirement, access }) {
  if (requirement) return [draw("code", { class: "requirement" }, requirement)];
  const words = { public: "nothing: a public route", unguarded: "nothing: an unguarded route", default: "a genuine token" };
  return [words[access] ?? "a genuine token"];
}

function shownChecks(checks) {
  if (!checks.length) return null;
  const items = checks.map(([name, passed]) =>
    draw("li", { class: passed ? "yes" : "no" }, draw("span", { class: "hidden" }, passed ? "passed: " : "failed: "), name),
  );
  return draw("ul", { class: "checks", "aria-label": "Checks, in order" }, ...items);
}

function shownVerdict({ words, holds, seen, parts }) {
  const answer = holds === true ? "yes" : "no";
  const line = [draw("span", { class: `holds ${answer}` }, holds === null ? "not known" : answer), draw("code", {}, words)];
  if (seen) line.push(draw("small", {}, seen));
  return draw("li", {}, ...line, parts.length ? draw("ul", {}, ...parts.map(shownVerdict)) : null);
}

function shownAsides(asides) {
  const items = asides.map(({ service, what, path }) => draw("li", {}, draw("b", {}, service), ` ${what} `, draw("code", {}, path)));
  return draw("details", { class: "asides", open: "" }, draw("summary", {}, "Meanwhile, at the issuers"), draw("ul", {}, ...items));
}
