"""The server of the protocol on standard input and output. It reads one release, writes nothing and fetches nothing."""

import importlib.metadata
from pathlib import Path
from typing import Any

from mcp import MCPError, types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from kg.errors import AnswerableError
from kg.mcp import tools
from kg.mcp.release import Readable

INSTRUCTIONS = Path(__file__).with_name("instructions.md").read_text(encoding="utf-8").rstrip()
PROMPT = types.Prompt.model_validate_json(Path(__file__).with_name("prompt.json").read_bytes())


def create_server(opened: Readable) -> Server:
    """Create the server of an opened release."""

    async def list_tools(_: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=await tools.listed(opened))

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer, data = await tools.call(opened, params.name, params.arguments or {})
        except AnswerableError as error:
            return types.CallToolResult(content=[types.TextContent(type="text", text=str(error))], is_error=True)
        return types.CallToolResult(content=[types.TextContent(type="text", text=answer)], structured_content=data)

    async def list_resources(_: Any, params: Any) -> types.ListResourcesResult:
        texts = opened.texts().items()
        resources = [types.Resource(uri=uri, name=title, mime_type=kind) for uri, (title, kind) in texts]
        return types.ListResourcesResult(resources=resources)

    async def read_resource(_: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        try:
            text, kind = await opened.read(str(params.uri))
        except AnswerableError as error:
            raise MCPError(types.INVALID_PARAMS, str(error)) from None
        content = types.TextResourceContents(uri=str(params.uri), text=text, mime_type=kind)
        return types.ReadResourceResult(contents=[content])

    return Server(
        "answerable",
        version=importlib.metadata.version("answerable"),
        title="Answerable",
        instructions=f"{INSTRUCTIONS}\nThe release is {opened.release.id}.",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_read_resource=read_resource,
        on_list_prompts=_list_prompts,
        on_get_prompt=_get_prompt,
    )


async def serve(opened: Readable) -> None:
    """Start a release and serve it until the client goes away."""
    await opened.release.start()
    try:
        server = create_server(opened)
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    finally:
        await opened.release.close()


async def _list_prompts(_: Any, params: Any) -> types.ListPromptsResult:
    return types.ListPromptsResult(prompts=[PROMPT])


async def _get_prompt(_: Any, params: types.GetPromptRequestParams) -> types.GetPromptResult:
    question = (params.arguments or {}).get("question", "").strip()
    if params.name != PROMPT.name or not question:
        raise MCPError(types.INVALID_PARAMS, f"There is the prompt {PROMPT.name} alone, and it needs a question")
    text = f"Answer this from the tools of Answerable alone: {question}\n\n{INSTRUCTIONS}"
    message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
    return types.GetPromptResult(messages=[message])
