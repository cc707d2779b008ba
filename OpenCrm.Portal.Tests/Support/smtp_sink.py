"""A real SMTP server that keeps every message and every byte of the conversation, and misbehaves on command.

Commands come as lines on standard input; each is answered by a line on standard output.
"""
import argparse
import asyncio
import itertools
import json
import os
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

options = argparse.ArgumentParser()
options.add_argument("--port", type=int, required=True)
options.add_argument("--folder", required=True)
options.add_argument("--certificate")
options.add_argument("--key")
options.add_argument("--login", help="USER:PASSWORD, asked for before a message is taken")
options = options.parse_args()

answer = {"kind": "accept"}
connections = itertools.count(1)


kept = sum(name.endswith(".eml") for name in os.listdir(options.folder))


def store(envelope):
    global kept
    kept += 1
    name = os.path.join(options.folder, f"{kept:06}")
    with open(name + ".json", "w") as file:
        json.dump({"from": envelope.mail_from, "to": envelope.rcpt_tos}, file)
    with open(name + ".part", "wb") as file:
        file.write(envelope.original_content)
    os.rename(name + ".part", name + ".eml")


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if answer["kind"] == "unknown" and address == answer["address"]:
            return f"550 5.1.1 {address} is unknown"
        if answer["kind"] == "refuse" and answer["address"] in (address, None):
            return answer["text"]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server, session, envelope):
        kind = answer["kind"]
        if kind == "delay":
            await asyncio.sleep(answer["seconds"])
        if kind == "temporary":
            return "451 4.3.0 Try again later"
        if kind == "permanent":
            return "554 5.7.1 Not wanted"
        if kind == "hang":
            await asyncio.sleep(3600)
        if kind == "drop":
            server.transport.abort()
            return "451 4.3.0 Dropped"
        store(envelope)
        if kind == "drop-after-storing":
            server.transport.abort()
        return "250 2.0.0 Kept"


class Recorded(SMTP):
    """Writes each conversation to a file of its own, because several run at once."""

    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.transcript = open(os.path.join(options.folder, f"transcript-{next(connections):06}"), "ab")

    def data_received(self, data):
        self.record(b"C: ", data)
        super().data_received(data)

    async def push(self, status):
        self.record(b"S: ", status if isinstance(status, bytes) else status.encode())
        await super().push(status)

    def record(self, who, data):
        self.transcript.writelines(who + line + b"\n" for line in data.rstrip(b"\r\n").split(b"\r\n"))
        self.transcript.flush()


def authenticate(server, session, envelope, mechanism, data):
    given = f"{data.login.decode()}:{data.password.decode()}"
    return AuthResult(success=given == options.login, handled=False)


def protocol():
    tls = None
    if options.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(options.certificate, options.key)
    return Recorded(
        Handler(), hostname="sink.test", enable_SMTPUTF8=True, tls_context=tls, require_starttls=tls is not None,
        authenticator=authenticate if options.login else None, auth_required=bool(options.login), auth_require_tls=False)


async def main():
    global answer
    loop = asyncio.get_running_loop()
    await loop.create_server(protocol, "127.0.0.1", options.port)
    print("ready", flush=True)
    orders = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    while line := await orders.readline():
        answer = json.loads(line)
        print("set", flush=True)


asyncio.run(main())
