"""The server of the protocol, on standard input and output or over HTTP; it writes nothing and fetches nothing."""

import asyncio
import importlib.metadata
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_type_hints

from mcp import MCPError, types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.types import Receive, Scope, Send

from kg.errors import AnswerableError
from kg.mcp import tools
from kg.mcp.answers import lay_out, write
from kg.mcp.tools import Tool, ToolContext

INSTRUCTIONS = Path(__file__).with_name("instructions.md").read_text(encoding="utf-8").rstrip()
_READS = types.ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
log = logging.getLogger("answerable.errors")


def create_server(make_context: Callable[[Any], ToolContext]) -> Server:
    """Create the server; `make_context` says who asks, by the request of HTTP, or None."""

    async def list_tools(_: Any, params: Any) -> types.ListToolsResult:
        return LISTED

    async def call_tool(sent: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        context = make_context(sent.request)
        try:
            answer = await tools.call(context, params.name, params.arguments or {})
            data = await asyncio.to_thread(lay_out, answer)  # whose texts may be long
        except AnswerableError as error:
            return types.CallToolResult(content=[types.TextContent(text=context.explain(error))], is_error=True)
        except Exception:
            log.exception("a tool failed")
            raise MCPError(types.INTERNAL_ERROR, "Something went wrong on our side; it has been logged.") from None
        return types.CallToolResult(content=[types.TextContent(text=write(data).decode())], structured_content=data)

    return Server(
        "answerable",
        version=importlib.metadata.version("answerable"),
        title="Answerable",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        get_tool_input_schema=lambda name: None,  # no tool is called by headers
    )


async def serve(context: ToolContext) -> None:
    """Start a release and serve it on standard input and output until the client goes away."""
    await context.release.start()
    try:
        server = create_server(lambda request: context)
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    finally:
        await context.release.close()


async def answer_request(
    make_context: Callable[[Any], ToolContext], scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer a request of HTTP by itself, in JSON."""
    manager = StreamableHTTPSessionManager(create_server(make_context), json_response=True, stateless=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


def _describe(name: str, tool: Tool) -> types.Tool:
    return types.Tool(
        name=name,
        description=tool.answer.__doc__,
        input_schema=_plain(tool.takes.model_json_schema()),
        output_schema=_plain(get_type_hints(tool.answer)["return"].model_json_schema()),
        annotations=_READS,
    )


def _plain(schema: Any) -> Any:
    """Take off a schema what a model has no need of: titles, and what describes an object as a whole."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    left = {"title", "description"} if "properties" in schema else {"title"}
    return {
        key: {name: _plain(each) for name, each in value.items()} if key in ("properties", "$defs") else _plain(value)
        for key, value in schema.items()
        if key not in left or not isinstance(value, str)
    }


LISTED = types.ListToolsResult(tools=[_describe(name, tool) for name, tool in tools.TOOLS.items()])


def describe() -> dict[str, Any]:
    """Describe the tools, and how they are used, for those who have no client of the protocol."""
    return {"instructions": INSTRUCTIONS, **LISTED.model_dump(mode="json", by_alias=True, exclude_none=True)}
