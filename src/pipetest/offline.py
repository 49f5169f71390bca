"""Judgement of a step that wants the network, which steps do not have: what was refused, what failed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pipetest.guard_files import Record, place_of
from pipetest.results import Finding, Severity

METADATA = ("169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "metadata.google.internal")
CLOUDS = {
    "AWS": (".amazonaws.com", ".amazonaws.com.cn", ".api.aws"),
    "Google Cloud": (".googleapis.com",),
    "Azure": (".windows.net", ".azure.com", ".microsoftonline.com"),
}
# Exceptions of boto3, google-auth and azure-identity that say: no credentials, no region, an old token.
CREDENTIALS = re.compile(
    r"NoCredentialsError|PartialCredentialsError|NoRegionError|CredentialRetrievalError|TokenRetrievalError"
    r"|MetadataRetrievalError|SSOError|SSOTokenLoadError|UnauthorizedSSOTokenError|NoAuthTokenError"
    r"|ProfileNotFound|ConfigNotFound|DefaultCredentialsError|RefreshError|CredentialUnavailableError"
    r"|ClientAuthenticationError|ExpiredTokenException|UnrecognizedClientException"
)
# Others say it in their message.
REFUSED = re.compile(
    r"ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|AuthFailure"
    r"|Unable to locate credentials|You must specify a region|default credentials were not found"
    r"|Must setup local AWS configuration|security token included in the request"
)
UNREACHED = (
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ProxyConnectionError",
)
# How it reads when something could not be reached, from Python and from libraries that are not.
NO_NETWORK = re.compile(
    r"Temporary failure in name resolution|Name or service not known|nodename nor servname|getaddrinfo failed"
    r"|Network is unreachable|No route to host|could not translate host name|Could not resolve host"
    r"|NameResolutionError|Could not connect to the endpoint URL|Connect timeout on endpoint URL"
)
WHERE = re.compile(
    r"host='(?P<a>[^']+)', port=(?P<port>\d+)|host name \"(?P<b>[^\"]+)\""
    r"|resolve (?:host:? )?'?(?P<c>[\w.-]+\.[\w-]+)"
    r"|https?://(?P<d>[\w.-]+)"
)


def judge_network(step_name: str, records: Iterable[Record], failed: bool) -> list[Finding]:
    """``network-attempt``: each host that was refused, once, with the line of the user's code."""
    findings: dict[tuple[str, str], Finding] = {}
    for record in records:
        if record["what"] == "network":
            host, port = str(record.get("host")), record.get("port")
            where = host if port in (None, "", 0) else f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
            found = network_attempt(step_name, host, where, failed, *place_of(record))
            findings.setdefault((host, str(port or "")), found)
    looked_up = {host for host, port in findings if port}  # a lookup without a port, then one with it
    return [one for (host, port), one in findings.items() if port or host not in looked_up]


def network_attempt(
    step: str, host: str, where: str, failed: bool, file: str | None = None, line: int | None = None
) -> Finding:
    """``network-attempt``: an error where the step failed of it, else a warning."""
    message = f"{step} wants to reach {where}, and a step has no network."
    if is_metadata(host):
        message = f"{step} asks {where} for cloud credentials, and a step has no network."
    elif cloud_of(host):
        message = f"{step} calls {cloud_of(host)} ({where}), and a step has no network."
    hint = "Hand in what it fetches as an input, or set `network: true` for this step."
    harmless = Severity.NOTE if is_metadata(host) else Severity.WARNING  # a client is made, and not used
    severity = Severity.ERROR if failed else harmless
    return Finding("network-attempt", severity, step, message, hint, file, line)


def is_about_network(text: str) -> bool:
    """Whether an error, or the end of a log, says that there is no network."""
    return bool(NO_NETWORK.search(text))


def explain_network(
    step: str, error_type: str, message: str, file: str | None = None, line: int | None = None
) -> Finding | None:
    """``network-attempt`` for a failure of which nothing was recorded: what is not Python has no guard."""
    if not is_about_network(f"{error_type}: {message}"):
        return None
    found = WHERE.search(message)
    host = next(filter(None, found.group("a", "b", "c", "d")), "") if found else ""
    port = found["port"] if found else None
    where = (f"{host}:{port}" if port else host) or "another machine"
    return network_attempt(step, host, where, True, file, line)


def explain_cloud(
    step: str,
    error_type: str,
    message: str,
    records: Iterable[Record] = (),
    *,
    file: str | None = None,
    line: int | None = None,
    loading: bool = False,
) -> Finding | None:
    """``cloud-credentials``: the script ended because it has no access to a cloud; None for any other end."""
    if not _is_about_credentials(error_type.rpartition(".")[2], message, records):
        return None
    script = Path(file).name if file else step
    where = f" (line {line})" if line else ""
    when = " while it is imported" if loading else ""
    said = f"{script} asks the cloud for credentials{when}{where}, which a test does not have: {error_type}."
    hint = "Hand in what it fetches as an input, or set `network: true` and `pass_env` for this step."
    if loading:
        hint = (
            "Move the call into the function that needs it, so that the file can be loaded without; where a "
            "variable turns it off, set that in `env`, or by --env STEP.NAME=VALUE."
        )
    return Finding("cloud-credentials", Severity.ERROR, step, said, hint, file, line, message[:500])


def _is_about_credentials(kind: str, message: str, records: Iterable[Record]) -> bool:
    if CREDENTIALS.fullmatch(kind) or REFUSED.search(message):
        return True
    hosts = [str(one.get("host")) for one in records if one["what"] == "network"]
    if kind in UNREACHED:
        return "endpoint" in message or any(is_metadata(host) or cloud_of(host) for host in hosts)
    return is_about_network(f"{kind}: {message}") and any(map(is_metadata, hosts))


def is_metadata(host: str) -> bool:
    """Whether a host is the one that hands out credentials inside a cloud."""
    return host.lower() in METADATA


def cloud_of(host: str) -> str | None:
    """The cloud that a host belongs to."""
    return next((cloud for cloud, ends in CLOUDS.items() if host.lower().endswith(ends)), None)
