/* Suggestions under the fields of the search, as an editable combobox with a listbox (WAI-ARIA 1.2). Without this script the forms
   work as they are. Promises to ask nobody but the server it came from, to keep nothing, and to write what comes from there as text. */
const PAUSE = 150; // milliseconds after a key, so that not each one asks
const LEAST = 2; // characters that are worth asking for

/** Make an element with attributes and a text. */
function make(tag, attributes, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

/** Give one form its suggestions; `number` tells its list from the other one of the page. */
function attach(form, number) {
  const input = form.elements.q;
  const list = make("ul", { role: "listbox", id: `suggested-${number}`, class: "suggested", hidden: "" });
  list.setAttribute("aria-label", form.dataset.suggested);
  const said = make("p", { role: "status", class: "skip" });
  const attributes = { role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-haspopup": "listbox" };
  attributes["aria-expanded"] = "false";
  attributes["aria-controls"] = list.id;
  for (const [name, value] of Object.entries(attributes)) input.setAttribute(name, value);
  input.parentElement.classList.add("suggesting");
  input.parentElement.append(list, said);

  let timer = 0;
  let asking = null; // the request that is under way
  let active = -1; // the place of the option that is marked, if any
  let options = [];

  function close() {
    clearTimeout(timer);
    asking?.abort();
    mark(-1);
    list.hidden = true;
    said.textContent = "";
    input.setAttribute("aria-expanded", "false");
  }

  function mark(place) {
    options[active]?.setAttribute("aria-selected", "false");
    active = place;
    const option = options[active];
    if (option) {
      option.setAttribute("aria-selected", "true");
      option.scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", option.id);
    } else input.removeAttribute("aria-activedescendant");
  }

  function follow(option) {
    const address = new URL(option.dataset.href, location.href);
    if (address.origin !== location.origin) return;
    if (!form.elements.lang) address.searchParams.delete("lang"); // the address of this page names no language either
    location.assign(address);
  }

  function show(found) {
    options = found.map((one, place) => {
      const option = make("li", { role: "option", id: `${list.id}-${place}`, "aria-selected": "false" });
      option.dataset.href = one.href;
      const spoken = one.language && one.language !== document.documentElement.lang ? { lang: one.language } : {};
      option.append(make("span", spoken, one.label), " ", make("small", {}, one.title));
      return option;
    });
    mark(-1);
    list.replaceChildren(...options);
    list.hidden = options.length === 0;
    input.setAttribute("aria-expanded", String(options.length > 0));
    said.textContent = options.length ? `${form.dataset.suggested}: ${options.length}` : "";
  }

  async function ask() {
    const typed = input.value.trim();
    asking?.abort();
    if (typed.length < LEAST) return close();
    asking = new AbortController();
    const address = new URL(form.dataset.suggest, location.href);
    address.searchParams.set("q", typed);
    address.searchParams.set("lang", document.documentElement.lang);
    try {
      const answer = await fetch(address, { signal: asking.signal, credentials: "omit", mode: "same-origin" });
      const told = answer.ok ? await answer.json() : { suggestions: [] };
      if (typed === input.value.trim() && document.activeElement === input) show(told.suggestions);
    } catch (error) {
      if (error.name !== "AbortError") close(); // without suggestions the search works as before
    }
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  input.addEventListener("blur", close);
  addEventListener("pageshow", close); // a page that the browser kept
  input.addEventListener("keydown", event => {
    if (event.isComposing || event.ctrlKey || event.metaKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && list.hidden) {
      if (event.key === "ArrowDown") ask();
    } else if (step && !event.altKey) {
      // One place more than options: above the first and below the last lies the field itself.
      const places = options.length + 1;
      mark(((active + 1 + step + places) % places) - 1);
    } else if (step || (event.key === "Escape" && !list.hidden)) close();
    else if (event.key === "Enter" && active >= 0 && !list.hidden) follow(options[active]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", event => event.preventDefault()); // the field keeps the focus
  list.addEventListener("mousedown", event => event.preventDefault());
  list.addEventListener("click", event => {
    const option = event.target.closest("[role=option]");
    if (option) follow(option);
  });
}

document.querySelectorAll("form[data-suggest]").forEach(attach);
