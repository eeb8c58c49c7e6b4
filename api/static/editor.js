/* The SPARQL editor of this site: YASQE to write in, YASR to show the answer, and around them the examples, the links, the
   downloads and the code for the query at hand. Promises to ask nobody but the server it came from, to keep nothing on the
   reader's machine, and to write what comes from the data or the address as text, never as markup. */
"use strict";

(() => {
  const place = document.getElementById("editor");
  const form = document.getElementById("plain-form");
  if (!place || !form || typeof Yasgui !== "function") return; // the form stays

  const { Yasqe, Yasr } = Yasgui;
  const action = new URL(form.getAttribute("action"), location.href);
  const language = document.documentElement.lang;
  const chosen = action.searchParams.get("lang"); // where the address of the page names its language
  const endpoint = action.origin + action.pathname;
  const { base, prefix, root, release } = place.dataset;
  const words = JSON.parse(place.dataset.words); // what the editor says, in the language of the page
  const LONGEST_LINK = 8000; // characters; a longer address may not pass through what lies between
  const NAMES = {
    json: "JSON", xml: "XML", csv: "CSV", tsv: "TSV", ttl: "Turtle", nt: "N-Triples", jsonld: "JSON-LD", rdf: "RDF/XML",
    nq: "N-Quads", trig: "TriG",
  };

  /** Put values into a text of the page, each in the place of its name in braces. */
  function put(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  /** Say how many rows there are, in the form that the language has for that number. */
  function count(rows) {
    return put(words.rows[new Intl.PluralRules(language).select(rows)] || words.rows.many, { n: rows });
  }

  /** Make an element: attributes by name, children as elements or as text. */
  function make(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children);
    return element;
  }

  /** Write an IRI in full as the address to follow: ours within this site and release, others only when on the web. */
  function address(iri) {
    if (iri.startsWith(base)) {
      const path = "/" + iri.slice(base.length);
      return prefix + (path.startsWith("/id/") ? "/doc" + path.slice(3) : path);
    }
    return /^https?:\/\//.test(iri) ? iri : null;
  }

  /** Write an IRI short: by a prefix where what is left is a plain name, ours by the part behind the base, as questions do. */
  function shorten(iri, prefixes) {
    for (const [name, namespace] of Object.entries(prefixes || {})) {
      const rest = iri.slice(namespace.length);
      if (namespace && iri.startsWith(namespace) && /^[\w.-]*$/.test(rest)) return `${name}:${rest}`;
    }
    return iri.startsWith(base) && iri !== base ? iri.slice(base.length) : iri;
  }

  /* The table of YASR, with cells of our own: its own writes an IRI into markup and cleans that up afterwards. */
  class Table extends Yasr.plugins.table {
    constructor(yasr) {
      super(yasr);
      this.helpReference = undefined; // it leads to another site
      this.config = {
        ...this.config,
        tableConfig: {
          ...this.config.tableConfig,
          language: {
            ...this.config.tableConfig.language,
            emptyTable: words.none,
          },
        },
      };
    }

    /* What is searched and sorted is text: the package would parse it as markup to clean it, which the policy reports. */
    getColumns() {
      const isText = (purpose) => !purpose || purpose === "filter" || purpose === "sort";
      return super.getColumns().map((column) => ({
        ...column,
        render: (cell, purpose, ...rest) =>
          cell.value && isText(purpose) ? make("span", {}, cell.value).innerHTML : column.render(cell, purpose, ...rest),
      }));
    }

    getCellContent(binding, prefixes) {
      const cell = make("div");
      if (binding.type === "uri") cell.append(this.link(binding.value, prefixes));
      else if (binding.type === "bnode") cell.append(make("span", {}, `_:${binding.value}`));
      else cell.append(make("span", { class: "nonIri", lang: binding["xml:lang"] }, binding.value, ...this.kind(binding, prefixes)));
      return cell.outerHTML;
    }

    link(iri, prefixes) {
      const to = address(iri);
      const text = shorten(iri, prefixes);
      return make("span", {}, to === null ? text : make("a", { class: "iri", href: to, title: iri, rel: "noopener" }, text));
    }

    drawControls() {
      super.drawControls();
      const label = this.tableEllipseSwitch.previousElementSibling;
      label.textContent = words.line; // it says "Ellipse"
      this.tableSizeField.setAttribute("aria-label", words.size);
      for (const element of [label, this.tableSizeField]) element.lang = language;
    }

    draw(...all) {
      const drawn = super.draw(...all);
      this.yasr.resultsEl.querySelector(".dataTables_empty")?.setAttribute("lang", language);
      return drawn;
    }

    kind(binding, prefixes) {
      if (this.persistentConfig.compact) return [];
      if (binding["xml:lang"]) return [make("sup", {}, `@${binding["xml:lang"]}`)];
      if (binding.datatype) return [make("sup", {}, shorten(binding.datatype, prefixes))];
      return [];
    }
  }

  /** Read a text in a header, in which letters that are not ASCII are percent-encoded. */
  function decode(text) {
    return text.replace(/(%[89A-F][0-9A-F])+/g, (letters) => {
      try {
        return decodeURIComponent(letters);
      } catch {
        return letters; // it is cut there
      }
    });
  }

  /** Show what the server said of an error, in its own words: title, detail, place and remedy. */
  function complain(text) {
    let problem;
    try {
      problem = JSON.parse(text);
    } catch {
      problem = { title: words.silent, detail: text || words.unreached };
    }
    const where = problem.line ? `${put(words.place, problem)} ` : "";
    const box = make("div", { class: "problem", role: "alert", lang: chosen || (problem.status ? "en" : language) },
      make("h2", {}, String(problem.title || words.silent)));
    box.append(make("p", {}, where + String(problem.detail || "")));
    if (problem.hint) box.append(make("p", {}, String(problem.hint)));
    return box;
  }

  /** Write a text for a shell, for Python and for R, so that it comes out as it was. */
  const quoted = {
    shell: (text) => `'${text.replaceAll("'", "'\\''")}'`,
    python: (text) => `"""${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"""`,
    // R reads a file by its locale, so what is not ASCII is written by number.
    r: (text) => {
      const escaped = text.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
      return `"${escaped.replace(/[^\x00-\x7f]/gu, (one) => `\\U{${one.codePointAt(0).toString(16)}}`)}"`;
    },
  };
  const ACCEPT = { graph: "text/turtle", ASK: "application/sparql-results+json", SELECT: "text/csv" };
  const isGraph = (kind) => kind === "CONSTRUCT" || kind === "DESCRIBE";

  const snippets = {
    curl: (query, kind) =>
      `curl -sS ${quoted.shell(endpoint)} \\\n  -H ${quoted.shell("Accept: " + (isGraph(kind) ? ACCEPT.graph : ACCEPT[kind]))} \\\n` +
      `  --data-urlencode ${quoted.shell("query=" + query)}\n`,
    Python: (query, kind) => {
      const type = isGraph(kind) ? ACCEPT.graph : ACCEPT.ASK;
      const read = {
        SELECT: 'rows = json.load(answer)["results"]["bindings"]\nfor row in rows:\n    print({name: term["value"] for name, term in row.items()})',
        ASK: 'print(json.load(answer)["boolean"])',
      }[kind] || "print(answer.read().decode())";
      const body = read.split("\n").map((line) => "    " + line).join("\n");
      return (
        `${isGraph(kind) ? "" : "import json\n"}from urllib.parse import urlencode\nfrom urllib.request import Request, urlopen\n\n` +
        `query = ${quoted.python(query)}\nasked = Request(\n    "${endpoint}",\n    urlencode({"query": query}).encode(),\n` +
        `    {"Accept": "${type}"},\n)\nwith urlopen(asked) as answer:\n${body}\n`
      );
    },
    R: (query, kind) => {
      const format = isGraph(kind) ? "ttl" : kind === "ASK" ? "json" : "csv";
      const ask = `paste0(\n  "${endpoint}?format=${format}&query=",\n  URLencode(query, reserved = TRUE, repeated = TRUE)\n)`;
      const read = format === "csv" ? `rows <- read.csv(${ask}, encoding = "UTF-8")\nprint(rows)` : `cat(readLines(${ask}, encoding = "UTF-8"), sep = "\\n")`;
      return `query <- ${quoted.r(query)}\n${read}\n`;
    },
  };

  /** Build the page around the editor and bring it to life; `offer` is what the server offers for this release. */
  function begin(offer) {
    for (const name of ["class", "property", "prefixes"]) {
      const terms = {
        class: offer.classes,
        property: offer.properties,
        prefixes: Object.entries(offer.prefixes).map(([short, namespace]) => `${short}: <${namespace}>`),
      }[name];
      // In the place of the package's own, of which two would ask another site.
      Yasqe.forkAutocompleter(name, { name, get: terms, bulk: true, autoShow: true, persistenceId: null });
    }
    Yasr.registerPlugin("table", Table);
    const help = Yasr.plugins.response;
    class Response extends help {
      helpReference = undefined;
    }
    Yasr.registerPlugin("response", Response);

    const menu = make("select", { id: "example" }, make("option", { value: "" }, words.choose));
    const listOf = (label, listed) => make("optgroup", { label }, ...listed.map((one) =>
      make("option", { value: one.name }, words.titles[one.name] || one.title)));
    const topics = words.topics.map(([topic, label]) => [label, offer.questions.filter((one) => one.topic === topic)]);
    menu.append(...[...topics, [words.counts, offer.examples]].filter(([, listed]) => listed.length).map((group) => listOf(...group)));
    const load = make("button", { type: "button", class: "second" }, words.load);
    const more = make("span", { class: "note", id: "example-more" });
    const run = make("button", { type: "button", id: "run" }, words.run);
    const writing = make("div", { class: "writing", lang: "en" }); // the package speaks English
    const said = make("p", { class: "note", id: "said", role: "status" });
    const hint = make("p", { class: "warn", id: "hint", role: "status", lang: "en", hidden: true });
    const answer = make("div", { class: "answer", lang: "en", hidden: true });
    const links = make("p", { class: "note", id: "links" });
    const downloads = make("p", { class: "note", id: "downloads" });
    const code = make("div", { class: "code" });
    place.append(
      make("div", { class: "tools", hidden: menu.length === 1 },
        make("label", { for: "example" }, words.example), menu, load, more),
      document.getElementById("writing-help"),
      make("div", { class: "yasgui" }, writing, make("div", { class: "tools" }, run, said), hint, answer),
      downloads, links,
      make("h2", {}, words.program), code,
    );

    const yasqe = new Yasqe(writing, {
      value: form.elements.query.value,
      persistenceId: null,
      consumeShareLink: null,
      createShareableLink: null,
      showQueryButton: false,
      autocompleters: ["prefixes", "property", "class", "variables"],
      editorHeight: "22rem",
      viewportMargin: Infinity,
      requestConfig: {
        endpoint,
        args: chosen ? [{ name: "lang", value: chosen }] : [],
        method: (editor) => (linkTo(editor.getValue()).length > LONGEST_LINK ? "POST" : "GET"),
        acceptHeaderSelect: "application/sparql-results+json",
        acceptHeaderGraph: "text/turtle",
      },
    });
    const input = yasqe.getInputField();
    input.setAttribute("aria-label", words.query);
    input.lang = language;
    input.setAttribute("aria-describedby", "writing-help");
    yasqe.setOption("extraKeys", { ...yasqe.getOption("extraKeys"), Tab: false, "Shift-Tab": false }); // Tab moves on
    yasqe.setSize(null, "auto"); // as high as the query: the page scrolls, and nothing in it

    const yasr = new Yasr(answer, {
      persistenceId: null,
      prefixes: () => ({ ...offer.prefixes, ...yasqe.getPrefixesFromQuery() }),
      errorRenderers: [async (error) => complain(error.text)],
    });
    // One leads to another site, the other saves what this page made of the answer; the server's own files are below.
    for (const button of yasr.rootEl.querySelectorAll(".yasr_downloadIcon, .yasr_external_ref_btn")) button.hidden = true;

    const kindOf = () => yasqe.getQueryType() || "SELECT";
    function linkTo(query, more = {}) {
      return `${endpoint}?${new URLSearchParams({ query, ...more, ...(chosen && { lang: chosen }) })}`;
    }

    /** Write the links, the downloads and the code anew, for the query as it stands. */
    function follow() {
      const query = yasqe.getValue();
      const here = linkTo(query);
      links.replaceChildren();
      downloads.replaceChildren();
      if (here.length > LONGEST_LINK) {
        links.append(words.long);
      } else {
        const pinned = new URL(here);
        pinned.pathname = `${root}/release/${encodeURIComponent(release)}/sparql`;
        links.append(`${words.link} `, make("a", { href: here, id: "permalink" }, prefix === root ? words.current : words.here), ", ",
          make("a", { href: pinned.href, id: "pinned" }, put(words.pinned, { release })), ".");
        downloads.append(`${words.download} `);
        (offer.formats[kindOf()] || []).forEach((name, number) => {
          const to = linkTo(query, { format: name });
          downloads.append(number ? ", " : "", make("a", { href: to, download: `answer.${name}` }, NAMES[name] || name));
        });
        downloads.append(".");
      }
      for (const pre of code.querySelectorAll("pre")) pre.textContent = snippets[pre.dataset.language](query, kindOf());
    }

    for (const name of Object.keys(snippets)) {
      const pre = make("pre", { tabindex: "0", "data-language": name, "aria-label": put(words.code, { language: name }), role: "region" });
      const copy = make("button", { type: "button", class: "second" }, words.copy);
      copy.addEventListener("click", async () => {
        await navigator.clipboard.writeText(pre.textContent);
        copy.textContent = words.copied;
      });
      const box = make("details", {}, make("summary", {}, name), pre);
      if (navigator.clipboard) box.append(copy);
      code.append(box);
    }

    yasqe.on("autocompletionShown", () => {
      document.querySelector(".CodeMirror-hints")?.setAttribute("aria-label", words.completions);
    });
    let waiting;
    yasqe.on("change", () => {
      clearTimeout(waiting);
      waiting = setTimeout(follow, 150);
    });
    yasqe.on("query", () => {
      document.getElementById("problem")?.remove();
      run.textContent = words.stop;
      said.textContent = words.asking;
      hint.hidden = true;
    });
    yasqe.on("queryAbort", () => {
      run.textContent = words.run;
      said.textContent = words.stopped;
    });
    yasqe.on("queryResponse", (_, response, duration) => {
      run.textContent = words.run;
      answer.hidden = false;
      if (response instanceof Error) {
        said.textContent = response.name === "AbortError" ? words.stopped : `${words.silent}.`;
        if (response.name !== "AbortError") yasr.setResponse(response, duration);
        return;
      }
      const link = linkTo(yasqe.getValue());
      if (link.length <= LONGEST_LINK) history.replaceState(null, "", link);
      yasr.setResponse(response, duration);
      const rows = yasr.results.getBindings();
      const amount = rows && !isGraph(kindOf()) ? `${count(rows.length)}. ` : "";
      const seconds = (duration / 1000).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
      said.textContent = amount + put(words.took, { release: response.headers.get("x-release"), seconds });
      hint.textContent = decode(response.headers.get("x-hint") || "");
      hint.hidden = !hint.textContent;
    });
    run.addEventListener("click", () => {
      if (run.textContent === words.stop) yasqe.abortQuery();
      else yasqe.query().catch(() => {}); // what went wrong is shown
    });
    load.addEventListener("click", () => {
      const example = [...offer.questions, ...offer.examples].find((one) => one.name === menu.value);
      if (!example) return;
      yasqe.setValue(example.query);
      const address = `${prefix}/questions/${example.name}${chosen ? `?lang=${chosen}` : ""}`;
      more.replaceChildren(...(example.topic ? [make("a", { href: address }, words.same)] : []));
      follow();
    });

    form.remove();
    for (const id of ["plain-answer", "plain-program"]) document.getElementById(id)?.remove();
    place.hidden = false;
    yasqe.refresh();
    follow();
    if (place.hasAttribute("data-run")) yasqe.query().catch(() => {});
  }

  fetch(place.dataset.offer, { headers: { Accept: "application/json" } })
    .then((response) => (response.ok ? response.json() : Promise.reject(new Error(String(response.status)))))
    .then(begin, () => {}); // without it the form stays
})();
