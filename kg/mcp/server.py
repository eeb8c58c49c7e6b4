"""The server of the protocol on standard input and output. It reads one release, writes nothing and fetches nothing."""

import importlib.metadata
from typing import Any

from mcp import MCPError, types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

from kg.errors import AnswerableError
from kg.mcp import tools
from kg.mcp.release import Readable

INSTRUCTIONS = """Answerable records human-rights events, who says what of them, the obligations they engage, and what was found,
recommended and promised. Rules for answers drawn from it:
- Cite the passage behind each fact, and give the permanent address of the answer.
- Keep apart what a body found, what a source alleges, and what a rule says is engaged. The record never says "violated" by itself.
- Say dates as vaguely as the record has them, and rival figures side by side, each with its speaker.
- An empty answer means "none recorded", and says what was looked at. Pass on the limits that an answer tells.
Take a named question where one fits; `search` finds things and suggests questions; `sparql-query` is for what no question asks."""
PROMPT = "answer-from-the-record"


def create_server(opened: Readable) -> Server:
    """Create the server of an opened release."""

    async def list_tools(_: Any, params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=await tools.listed(opened))

    async def call_tool(_: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        try:
            answer, data = await tools.call(opened, params.name, params.arguments or {})
        except (AnswerableError, ValueError) as error:
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
    await opened.start()
    try:
        server = create_server(opened)
        async with stdio_server() as (reading, writing):
            await server.run(reading, writing, server.create_initialization_options())
    finally:
        await opened.close()


async def _list_prompts(_: Any, params: Any) -> types.ListPromptsResult:
    question = types.PromptArgument(name="question", description="what you want to know", required=True)
    prompt = types.Prompt(
        name=PROMPT,
        title="Answer from the record",
        description="Answers a question from this record alone, with its passages and limits",
        arguments=[question],
    )
    return types.ListPromptsResult(prompts=[prompt])


async def _get_prompt(_: Any, params: types.GetPromptRequestParams) -> types.GetPromptResult:
    question = (params.arguments or {}).get("question", "").strip()
    if params.name != PROMPT or not question:
        raise MCPError(types.INVALID_PARAMS, f"There is the prompt {PROMPT} alone, and it needs a question")
    text = f"Answer this from the tools of Answerable alone: {question}\n\n{INSTRUCTIONS}"
    message = types.PromptMessage(role="user", content=types.TextContent(type="text", text=text))
    return types.GetPromptResult(messages=[message])
