using System.Text.Json;
using AdaptiveKv.Inference.Templates;

namespace AdaptiveKv.Server.Wire;

/// <summary>A request to <c>/v1/chat/completions</c>.</summary>
/// <param name="Common">What all requests have.</param>
/// <param name="Messages">The conversation so far.</param>
/// <param name="Logprobs">How many of the likeliest tokens are told at each place; null for no log-probabilities.</param>
internal sealed record ChatRequest(CommonRequest Common, IReadOnlyList<ChatMessage> Messages, int? Logprobs)
{
    private static readonly string[] Roles = ["system", "user", "assistant"];

    /// <summary>Reads a body.</summary>
    /// <exception cref="ApiException">It is no such request.</exception>
    public static ChatRequest Read(ReadOnlyMemory<byte> body)
    {
        RequestFields fields = RequestFields.Of(body);
        CommonRequest common = CommonRequest.Read(fields, "max_tokens", "max_completion_tokens");
        JsonElement messages = fields.Find("messages") ?? throw ApiException.Field("messages", "is missing: expected an array of messages");
        if (messages.ValueKind != JsonValueKind.Array || messages.GetArrayLength() == 0)
        {
            throw RequestFields.Wrong("messages", messages, "an array of at least one message");
        }

        bool wanted = fields.Flag("logprobs");
        int alternatives = (int)(fields.Whole("top_logprobs", 0, CompletionRequest.MostLogprobs) ?? 0);
        fields.Refuse(
            ("tools", "[]"), ("tool_choice", "\"none\""), ("functions", "[]"), ("function_call", "\"none\""), ("audio", null), ("modalities", "[\"text\"]"),
            ("prediction", null), ("web_search_options", null), ("response_format", "{\"type\":\"text\"}"));
        fields.Ignore("parallel_tool_calls", "reasoning_effort", "verbosity");
        fields.RequireNoMore();
        return new ChatRequest(common, [.. messages.EnumerateArray().Select(ReadTurn)], wanted ? alternatives : null);
    }

    private static ChatMessage ReadTurn(JsonElement message, int index)
    {
        string place = $"messages[{index}]";
        RequestFields fields = RequestFields.Of(message, place);
        string role = fields.Text("role") switch { "developer" => "system", { } given => given, null => throw ApiException.Field($"{place}.role", "is missing") };
        if (!Roles.Contains(role))
        {
            throw ApiException.Field($"{place}.role", $"'{(role.Length <= 40 ? role : role[..40])}' is not served here: expected {string.Join(", ", Roles)}");
        }

        JsonElement content = fields.Find("content") ?? throw ApiException.Field($"{place}.content", "is missing: expected a text");
        fields.Ignore("name", "refusal", "annotations");
        fields.Refuse(("tool_calls", "[]"), ("function_call", null), ("audio", null));
        fields.RequireNoMore();
        return new ChatMessage(role, content.ValueKind switch
        {
            JsonValueKind.String => fields.Text("content")!,
            JsonValueKind.Array => string.Concat(content.EnumerateArray().Select((part, number) => ReadPart(part, $"{place}.content[{number}]"))),
            _ => throw RequestFields.Wrong($"{place}.content", content, "a text, or an array of parts of text"),
        });
    }

    private static string ReadPart(JsonElement part, string place)
    {
        RequestFields fields = RequestFields.Of(part, place);
        return fields.Text("type") == "text" && fields.Text("text") is { } text ? text : throw ApiException.Field(place, "is no part of type 'text' with its text: this server reads text alone");
    }
}
