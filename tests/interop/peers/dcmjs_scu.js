// A verification and storage SCU made with dcmjs-dimse:
// `node dcmjs_scu.js HOST PORT [KEY CERTIFICATE AUTHORITY] < paths`.
// It verifies the peer, sends each file, and prints a line "status N" for each answer.

const fs = require("fs");
const { Client, Transcoding, log, requests } = require("dcmjs-dimse");

const [host, port, key, certificate, authority] = process.argv.slice(2);
const paths = fs.readFileSync(0, "utf8").split("\n").filter(Boolean);
log.setLevel("error");
const client = new Client();

function add(request) {
  request.on("response", (response) => console.log(`status ${response.getStatus()}`));
  client.addRequest(request);
}

add(new requests.CEchoRequest());
for (const path of paths) {
  add(new requests.CStoreRequest(path));
}
client.on("networkError", (error) => {
  console.error(error);
  process.exit(1);
});
client.on("associationRejected", () => process.exit(2));

const security = key && {
  securityOptions: {
    key: fs.readFileSync(key),
    cert: fs.readFileSync(certificate),
    ca: fs.readFileSync(authority),
    rejectUnauthorized: true,
  },
};
Transcoding.initializeAsync().then(() =>
  client.send(host, Number(port), "DCMJS", "ANY-SCP", security || {}),
);
