// Asks for a passkey where a form says so, and sends what comes of it with the form.
"use strict";
for (const form of document.querySelectorAll("form[data-passkey]")) {
  const note = form.querySelector("[role=status]");
  const say = (text) => { note.textContent = text; };
  if (!window.PublicKeyCredential || !PublicKeyCredential.parseRequestOptionsFromJSON) {
    say("This browser has no passkeys. Open the page in another one, or on your phone.");
    continue;
  }
  form.querySelector("button").disabled = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    say("Waiting for your passkey…");
    try {
      const options = JSON.parse(form.dataset.options);
      const made = form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
        : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
      form.elements.response.value = JSON.stringify(made.toJSON());
      form.submit();
    } catch (error) {
      button.disabled = false;
      say(error.name === "InvalidStateError" ? "This device holds a passkey of yours for gatehold already."
        : "No passkey signed: the question was closed, took too long, or this device has none of yours. Nothing was sent.");
    }
  });
}
