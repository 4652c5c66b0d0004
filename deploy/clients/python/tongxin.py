"""Calls a Tongxin hub or node with stock grpcio: what there is to call comes
from the server's own reflection, so no generated code is needed.

Requires: grpcio, grpcio-reflection. Knows no service of Tongxin by name.
"""

import pathlib
import tomllib

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


class Refused(Exception):
    """The server's answer was no. Decide by `reason`; docs/errors.md lists them."""

    def __init__(self, error):
        super().__init__(error.details())
        self.code, self.reason, self.metadata, self.zh = error.code(), None, {}, None
        details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
        for detail in status_pb2.Status.FromString(details or b"").details:
            if detail.Is(error_details_pb2.ErrorInfo.DESCRIPTOR):
                info = error_details_pb2.ErrorInfo.FromString(detail.value)
                self.reason, self.metadata = info.reason, dict(info.metadata)
            elif detail.Is(error_details_pb2.LocalizedMessage.DESCRIPTOR):
                text = error_details_pb2.LocalizedMessage.FromString(detail.value)
                self.zh = text.message


class Client:
    """Requests and answers are dictionaries, as protobuf's JSON mapping has them."""

    def __init__(self, channel, metadata=()):
        self.channel, self.metadata = channel, metadata
        self.pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))

    def call(self, path, request, timeout=60):
        """One call, for example of `tongxin.node.v1.CaseService/ListCases`."""
        try:
            serialize, parse, message = self._method(path, request)
            unary = self.channel.unary_unary(f"/{path}", serialize, parse)
            return _dictionary(unary(message, timeout=timeout, metadata=self.metadata))
        except grpc.RpcError as error:
            raise Refused(error) from None

    def follow(self, path, request):
        """The answers of a stream, one by one, until it ends."""
        try:
            serialize, parse, message = self._method(path, request)
            stream = self.channel.unary_stream(f"/{path}", serialize, parse)
            for answer in stream(message, metadata=self.metadata):
                yield _dictionary(answer)
        except grpc.RpcError as error:
            raise Refused(error) from None

    def exchange(self, path, requests):
        """The answers of a stream that is spoken to: `requests` gives dictionaries,
        and may wait for one as long as it likes."""
        try:
            _, parse, message = self._method(path, {})
            encoded = (json_format.ParseDict(each, type(message)()) for each in requests)
            stream = self.channel.stream_stream(
                f"/{path}", lambda each: each.SerializeToString(), parse)
            for answer in stream(encoded, metadata=self.metadata):
                yield _dictionary(answer)
        except grpc.RpcError as error:
            raise Refused(error) from None

    def _method(self, path, request):
        service, name = path.split("/")
        method = self.pool.FindServiceByName(service).FindMethodByName(name)
        question = message_factory.GetMessageClass(method.input_type)
        answer = message_factory.GetMessageClass(method.output_type)
        message = json_format.ParseDict(request, question())
        return question.SerializeToString, answer.FromString, message

    def close(self):
        self.channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def member(directory):
    """The hub, as the member whose directory this is: one that
    `tongxin hub join`, `centre join` or `hub init` wrote."""
    home = pathlib.Path(directory)
    pem = (home / "member.pem").read_bytes()
    roots = (home / "roots.pem").read_bytes()
    address = tomllib.loads((home / "hub.toml").read_text())["address"]
    return Client(grpc.secure_channel(address, grpc.ssl_channel_credentials(roots, pem, pem)))


def local(address, ca, token):
    """A community's node, as the holder of a token that `tongxin node token create` printed."""
    roots = pathlib.Path(ca).read_bytes()
    channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(roots))
    return Client(channel, (("authorization", f"Bearer {token}"),))


def _dictionary(message):
    return json_format.MessageToDict(message, preserving_proto_field_name=True)
