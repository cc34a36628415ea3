// An SCU of any service made with dcmjs-dimse: `node dcmjs_asks.js PORT < script`.
// What it reads and prints is described in `peer_scripts.py`; it has no use for its contexts and
// roles, and does not wait for reports.

const fs = require("fs");
const dcmjs = require("dcmjs");
const { Client, Dataset, constants, log, requests, responses } = require("dcmjs-dimse");

const { Status } = constants;
const { DicomMetaDictionary } = dcmjs.data;
const [port] = process.argv.slice(2);
const script = JSON.parse(fs.readFileSync(0, "utf8"));
log.setLevel("error");
dcmjs.log.setLevel("error");

function say(values) {
  console.log(JSON.stringify(values));
}

// From the DICOM JSON model, and to it.
function dataset(json) {
  return new Dataset(DicomMetaDictionary.naturalizeDataset(json));
}

function json(elements) {
  const model = DicomMetaDictionary.denaturalizeDataset(elements);
  for (const element of Object.values(model)) {
    if (["OB", "OW", "UN"].includes(element.vr) && element.Value.length) {
      element.InlineBinary = Buffer.from(element.Value[0]).toString("base64");
      delete element.Value;
    }
  }
  return model;
}

function keyword(tag) {
  const hex = tag.toString(16).padStart(8, "0").toUpperCase();
  return DicomMetaDictionary.dictionary[`(${hex.slice(0, 4)},${hex.slice(4)})`].name;
}

function made({ operation, class: uid, number, tags, destination, ...named }) {
  const [instance, meta] = [named.instance ?? undefined, named.meta ?? undefined];
  switch (operation) {
    case "C-FIND":
      return new requests.CFindRequest();
    case "C-GET":
      return new requests.CGetRequest();
    case "C-MOVE":
      return requests.CMoveRequest.createStudyMoveRequest(destination, "");
    case "N-CREATE":
      return new requests.NCreateRequest(uid, instance, meta);
    case "N-SET":
      return new requests.NSetRequest(uid, instance, meta);
    case "N-GET":
      return new requests.NGetRequest(uid, instance, tags.map(keyword), meta);
    case "N-ACTION":
      return new requests.NActionRequest(uid, instance, number, meta);
    case "N-DELETE":
      return new requests.NDeleteRequest(uid, instance, meta);
  }
}

// Else it prints the line where it happened, which is the whole program.
process.on("uncaughtException", (error) => {
  console.error(error.stack);
  process.exit(1);
});
const client = new Client();
script.requests.forEach((asked, number) => {
  const request = made(asked);
  if (asked.dataset) {
    request.setDataset(dataset(asked.dataset));
  }
  if (asked.operation.startsWith("C-")) {
    request.setAffectedSopClassUid(asked.class);
  }
  let answers = 0;
  request.on("response", (response) => {
    const command = response.getCommandDataset().getElements();
    answers += 1;
    if (answers === asked.cancel_after) {
      client.cancel(request);
    }
    say({
      request: number,
      status: response.getStatus(),
      details: json(command),
      instance: asked.operation.startsWith("N-") ? command.AffectedSOPInstanceUID || null : null,
      dataset: response.hasDataset() ? json(response.getDataset().getElements()) : null,
    });
  });
  client.addRequest(request);
});
client.on("cStoreRequest", (request, done) => {
  say({ stored: json(request.getDataset().getElements()) });
  const response = responses.CStoreResponse.fromRequest(request);
  response.setStatus(Status.Success);
  done(response);
});
client.on("networkError", (error) => {
  console.error(error);
  process.exit(1);
});
client.on("associationRejected", () => process.exit(2));
client.send("127.0.0.1", Number(port), script.title, script.called);
