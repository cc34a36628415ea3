// An SCP of any service made with dcmjs-dimse: `node dcmjs_answers.js PORT SCRIPT HEARD`.
// The files are described in `peer_scripts.py`; it accepts every context, and sends no reports.

const fs = require("fs");
const dcmjs = require("dcmjs");
const { Client, Dataset, Scp, Server, constants, log, requests, responses } = require("dcmjs-dimse");

const { PresentationContextResult, Status } = constants;
const { DicomMetaDictionary } = dcmjs.data;
const [port, scriptFile, heardFile] = process.argv.slice(2);
const script = JSON.parse(fs.readFileSync(scriptFile, "utf8"));
log.setLevel("error");
dcmjs.log.setLevel("error");

// From the DICOM JSON model, and to it.
function dataset(json) {
  return json ? new Dataset(DicomMetaDictionary.naturalizeDataset(json)) : undefined;
}

function json(request) {
  return request.hasDataset()
    ? DicomMetaDictionary.denaturalizeDataset(request.getDataset().getElements())
    : null;
}

function hear(operation, request, { type = null, tags = null } = {}) {
  const isAffected = operation.startsWith("C-") || operation === "N-CREATE";
  const uid = isAffected ? request.getAffectedSopClassUid() : request.getRequestedSopClassUid();
  const instance = isAffected
    ? request.getAffectedSopInstanceUid()
    : request.getRequestedSopInstanceUid();
  const heard = { operation, class: uid, instance: instance || null, number: type, tags };
  fs.appendFileSync(heardFile, JSON.stringify({ ...heard, dataset: json(request) }) + "\n");
  const [all, none] = [`${operation} ${uid} ${instance || "None"} ${type ?? "None"}`, []];
  return operation.startsWith("C-") ? script.answers[`${operation} ${uid}`] || none : script.answers[all];
}

function fill(response, [status, details, said]) {
  const remarks = DicomMetaDictionary.naturalizeDataset(details);
  response.setStatus(status);
  for (const [keyword, value] of Object.entries(remarks)) {
    if (!keyword.startsWith("_")) {
      response.getCommandDataset().setElement(keyword, value);
    }
  }
  if (said) {
    const elements = dataset(said);
    const named = elements.getElement("AffectedSOPInstanceUID");
    if (named) {
      response.setAffectedSopInstanceUid(named);
      delete elements.getElements().AffectedSOPInstanceUID;
    }
    response.setDataset(elements);
  }
  return response;
}

class AnsweringScp extends Scp {
  associationRequested(association) {
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      const [first] = context.getTransferSyntaxUids();
      context.setResult(PresentationContextResult.Accept, first);
    }
    this.sendAssociationAccept();
  }

  cFindRequest(request, done) {
    const found = hear("C-FIND", request);
    done([...found, [Status.Success, {}, null]].map((answer) =>
      fill(responses.CFindResponse.fromRequest(request), answer),
    ));
  }

  cGetRequest(request, done) {
    hear("C-GET", request);
    this.store((stores) => this.sendRequests(stores), responses.CGetResponse, request, done);
  }

  cMoveRequest(request, done) {
    hear("C-MOVE", request);
    const aet = request.getCommandDataset().getElement("MoveDestination");
    const destination = script.destinations[aet];
    if (!destination) {
      done([fill(responses.CMoveResponse.fromRequest(request), [0xa801, {}, null])]);
      return;
    }
    const client = new Client();
    const send = (stores) => {
      stores.forEach((store) => client.addRequest(store));
      client.send("127.0.0.1", destination, script.title, aet);
    };
    this.store(send, responses.CMoveResponse, request, done);
  }

  // Send what there is, then tell of each that was stored.
  store(send, Response, request, done) {
    const stores = script.instances.map((path) => new requests.CStoreRequest(path));
    const told = [];
    const tell = (status, remaining) => {
      const response = Response.fromRequest(request);
      response.setStatus(status);
      response.setRemaining(remaining);
      response.setCompleted(stores.length - remaining);
      response.setFailures(0);
      response.setWarnings(0);
      told.push(response);
    };
    stores.forEach((store) =>
      store.on("response", () => {
        tell(Status.Pending, stores.length - told.length - 1);
        if (told.length === stores.length) {
          tell(Status.Success, 0);
          done(told);
        }
      }),
    );
    send(stores);
  }

  nCreateRequest(request, done) {
    done(fill(responses.NCreateResponse.fromRequest(request), hear("N-CREATE", request)));
  }

  nSetRequest(request, done) {
    done(fill(responses.NSetResponse.fromRequest(request), hear("N-SET", request)));
  }

  nGetRequest(request, done) {
    // Of a single tag the list of the request knows nothing.
    const listed = request.getCommandDataset().getElement("AttributeIdentifierList");
    const tags = [listed ?? []].flat();
    done(fill(responses.NGetResponse.fromRequest(request), hear("N-GET", request, { tags })));
  }

  nActionRequest(request, done) {
    const answer = hear("N-ACTION", request, { type: request.getActionTypeId() });
    done(fill(responses.NActionResponse.fromRequest(request), answer));
  }

  nDeleteRequest(request, done) {
    done(fill(responses.NDeleteResponse.fromRequest(request), hear("N-DELETE", request)));
  }

  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

new Server(AnsweringScp).listen(Number(port));
