/** The client of client.ts in a browser, over WebSocket. The address comes from the field of the page. */
import { Client } from "../client.js";
import { session } from "../session.js";
import { webSocket } from "../transport.js";

const form = document.querySelector("form")!;
const output = document.querySelector("output")!;
const print = (line: string): void => output.append(`${line}\n`);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const fields = new FormData(form);
  const value = (name: string): string => fields.get(name) as string;
  output.replaceChildren();
  webSocket(value("url"))
    .then((socket) => Client.connect(socket, { user: value("user"), password: value("password") }))
    .then((client) => session(client, print))
    .catch((error: Error) => print(`${error.name}: ${error.message}`));
});
