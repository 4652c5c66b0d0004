"""Reads one indicator from a hub with nothing but stock grpcio: message types
come from server reflection. Prints the answer's rows as JSON.

usage: read_indicator.py ADDRESS SERVER_NAME ROOT_PEM CHAIN_PEM KEY_PEM CODE PERIOD
"""

import json
import sys

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


def main():
    address, server_name, root, chain, key, code, period = sys.argv[1:]
    read = lambda path: open(path, "rb").read()
    credentials = grpc.ssl_channel_credentials(read(root), read(key), read(chain))
    options = [("grpc.ssl_target_name_override", server_name)]
    with grpc.secure_channel(address, credentials, options) as channel:
        pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(channel))
        service = pool.FindServiceByName("tongxin.hub.v1.IndicatorService")
        method = service.FindMethodByName("QueryIndicators")
        request = message_factory.GetMessageClass(method.input_type)()
        json_format.ParseDict({"indicators": [code], "from": period}, request)
        call = channel.unary_unary(
            f"/{service.full_name}/{method.name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
        )
        answer = call(request, timeout=10)
    json.dump(json_format.MessageToDict(answer), sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main()
