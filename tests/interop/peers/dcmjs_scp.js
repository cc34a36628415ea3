// A verification and storage SCP made with dcmjs-dimse:
// `node dcmjs_scp.js PORT FOLDER [KEY CERTIFICATE AUTHORITY]`.
// Each data set is written into FOLDER exactly as it came over the wire.

const fs = require("fs");
const path = require("path");
const { Writable } = require("stream");
const { Scp, Server, constants, responses } = require("dcmjs-dimse");

const { PresentationContextResult, Status } = constants;
const [port, folder, key, certificate, authority] = process.argv.slice(2);
let received = 0;

class Keeper extends Writable {
  chunks = [];

  _write(chunk, encoding, done) {
    this.chunks.push(chunk);
    done();
  }
}

class StorageScp extends Scp {
  associationRequested(association) {
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      const [first] = context.getTransferSyntaxUids();
      context.setResult(PresentationContextResult.Accept, first);
    }
    this.sendAssociationAccept();
  }

  createStoreWritableStream() {
    return new Keeper();
  }

  createDatasetFromStoreWritableStream(writable, context, done) {
    const name = String(received++).padStart(4, "0");
    fs.writeFileSync(path.join(folder, name), Buffer.concat(writable.chunks));
    done(undefined);
  }

  cEchoRequest(request, done) {
    const response = responses.CEchoResponse.fromRequest(request);
    response.setStatus(Status.Success);
    done(response);
  }

  cStoreRequest(request, done) {
    const response = responses.CStoreResponse.fromRequest(request);
    response.setStatus(Status.Success);
    done(response);
  }

  associationReleaseRequested() {
    this.sendAssociationReleaseResponse();
  }
}

const security = key && {
  securityOptions: {
    key: fs.readFileSync(key),
    cert: fs.readFileSync(certificate),
    ca: fs.readFileSync(authority),
    requestCert: true,
    rejectUnauthorized: true,
  },
};
new Server(StorageScp).listen(Number(port), security || {});
