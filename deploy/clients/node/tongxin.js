// Calls a Tongxin hub or node with stock @grpc/grpc-js: what there is to call
// comes from the server's own reflection, so no generated code is needed.
// Knows no service of Tongxin by name.
'use strict';

const fs = require('node:fs');
const path = require('node:path');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');
const protobuf = require('protobufjs');
const descriptor = require('protobufjs/ext/descriptor');

// Requests and answers are plain objects, fields named as in the .proto files.
const SHAPE = { keepCase: true, longs: String, enums: String, oneofs: true };
const REFLECTION = path.join(
  path.dirname(require.resolve('@grpc/reflection')), '../proto/grpc/reflection/v1/reflection.proto');
const DETAILS = protobuf.parse(`
  syntax = "proto3"; package google.rpc;
  message Status { int32 code = 1; string message = 2; repeated Any details = 3; }
  message Any { string type_url = 1; bytes value = 2; }
  message ErrorInfo { string reason = 1; string domain = 2; map<string, string> metadata = 3; }
  message LocalizedMessage { string locale = 1; string message = 2; }`, { keepCase: true }).root;

/** The server's answer was no. Decide by `reason`; docs/errors.md lists them. */
class Refused extends Error {
  constructor(error) {
    super(error.details);
    this.code = error.code;
    const [bytes] = error.metadata?.get('grpc-status-details-bin') ?? [];
    const read = (type, value) => DETAILS.lookupType(`google.rpc.${type}`).decode(value);
    for (const detail of bytes ? read('Status', bytes).details : []) {
      const type = detail.type_url.split('google.rpc.')[1];
      if (type === 'ErrorInfo') {
        ({ reason: this.reason, metadata: this.metadata } = read(type, detail.value));
      } else if (type === 'LocalizedMessage') {
        this.zh = read(type, detail.value).message;
      }
    }
  }
}

class Client {
  constructor(address, credentials, metadata = new grpc.Metadata()) {
    Object.assign(this, { address, credentials, metadata, services: new Map() });
  }

  /** One call, for example of 'tongxin.node.v1.CaseService/ListCases'. */
  async call(method, request, timeoutMs = 60_000) {
    const [stub, name] = await this.#method(method);
    const options = { deadline: Date.now() + timeoutMs };
    return new Promise((resolve, reject) => {
      stub[name](request, this.metadata, options, (error, answer) =>
        error ? reject(new Refused(error)) : resolve(answer));
    });
  }

  /** The answers of a stream, one by one, until it ends. */
  async *follow(method, request) {
    const [stub, name] = await this.#method(method);
    try {
      yield* stub[name](request, this.metadata);
    } catch (error) {
      throw new Refused(error);
    }
  }

  close() {
    for (const stub of this.services.values()) stub.close();
  }

  async #method(method) {
    const [service, name] = method.split('/');
    if (!this.services.has(service)) {
      const described = grpc.loadPackageDefinition(await this.#describe(service));
      const Stub = service.split('.').reduce((scope, part) => scope[part], described);
      this.services.set(service, new Stub(this.address, this.credentials));
    }
    return [this.services.get(service), name];
  }

  /** The service's file and every file that it needs, from reflection. */
  async #describe(service) {
    const reflection = grpc.loadPackageDefinition(loader.loadSync(REFLECTION, SHAPE));
    const { ServerReflection } = reflection.grpc.reflection.v1;
    const stream = new ServerReflection(this.address, this.credentials)
      .ServerReflectionInfo(this.metadata);
    const files = new Map();
    const wanted = [{ file_containing_symbol: service }];
    const answers = stream[Symbol.asyncIterator]();
    try {
      while (wanted.length > 0) {
        stream.write(wanted.pop());
        const { value: answer } = await answers.next();
        if (!answer?.file_descriptor_response) {
          throw new Error(answer?.error_response?.error_message ?? `no reflection of ${service}`);
        }
        for (const bytes of answer.file_descriptor_response.file_descriptor_proto) {
          const file = descriptor.FileDescriptorProto.decode(bytes);
          files.set(file.name, file);
          for (const needed of file.dependency.filter((needed) => !files.has(needed))) {
            wanted.push({ file_by_filename: needed });
          }
        }
      }
    } finally {
      stream.end();
    }
    const set = descriptor.FileDescriptorSet.create({ file: [...files.values()] });
    return loader.loadFileDescriptorSetFromBuffer(
      Buffer.from(descriptor.FileDescriptorSet.encode(set).finish()), SHAPE);
  }
}

/** The hub, as the member whose directory this is: one that `tongxin hub join`,
 * `centre join` or `hub init` wrote. */
function member(directory) {
  const read = (name) => fs.readFileSync(path.join(directory, name));
  const pem = read('member.pem');
  const [, address] = read('hub.toml').toString().match(/^address = "(.*)"$/m);
  return new Client(address, grpc.credentials.createSsl(read('roots.pem'), pem, pem));
}

/** A community's node, as the holder of a token that `tongxin node token create` printed. */
function local(address, ca, token) {
  const metadata = new grpc.Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  return new Client(address, grpc.credentials.createSsl(fs.readFileSync(ca)), metadata);
}

module.exports = { Client, Refused, member, local };
