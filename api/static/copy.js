/* A button beside each text that is there to be copied. Without this script the text can be selected as any other. Promises to write to
   the clipboard only what stands on the page, and only when its button is pressed. */
for (const text of document.querySelectorAll("[data-copy]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = text.dataset.copy;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value ?? text.textContent);
    button.textContent = `${text.dataset.copy} ✓`;
  });
  text.after(" ", button);
}
