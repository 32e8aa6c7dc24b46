using System.Text.Json;
using AdaptiveKv.Inference.Templates;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Tokenization;

namespace AdaptiveKv.Unit.Inference.Templates;

/// <summary>Templates of model families and of the language give what Jinja itself gives: eng/templates/make.py has made reference.json.</summary>
public sealed class TemplateReferenceTests
{
    private static readonly JsonElement Reference = JsonDocument.Parse(
        File.ReadAllText(Path.Combine(SharedFiles.Repository, "tests", "Unit", "Inference", "Templates", "reference.json"))).RootElement;

    public static TheoryData<string> Templates => [.. Reference.GetProperty("templates").EnumerateObject().Select(template => template.Name)];

    [Theory]
    [MemberData(nameof(Templates))]
    public void The_text_is_Jinjas(string name)
    {
        string text = Reference.GetProperty("templates").GetProperty(name).GetString()!;
        ChatTemplate template = new(text, SampleTokenizers.Micro);
        JsonElement[] cases = [.. Reference.GetProperty("cases").EnumerateArray().Where(one => one.GetProperty("template").GetString() == name)];

        Assert.NotEmpty(cases);
        Assert.All(cases, one => Assert.Equal(one.GetProperty("output").GetString(), Render(template, one.GetProperty("variables"))));
    }

    [Fact]
    public void All_families_are_there() => Assert.Empty(((string[])["smollm2", "llama3", "llama3.2", "qwen2.5"]).Except(Templates.Select(row => row.Data)));

    private static string Render(ChatTemplate template, JsonElement variables) =>
        template.Render(variables.EnumerateObject().ToDictionary(pair => pair.Name, pair => Value(pair.Value, pair.Name))).Value;

    private static object? Value(JsonElement json, string name = "") => json.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.TryGetInt64(out long whole) ? (object)whole : json.GetDouble(),
        JsonValueKind.String when name.EndsWith("_token", StringComparison.Ordinal) => MarkedText.OfTemplate(json.GetString()!),
        JsonValueKind.String => MarkedText.OfConversation(json.GetString()!),
        JsonValueKind.Array => json.EnumerateArray().Select(element => Value(element)).ToList(),
        _ => new OrderedDictionary<string, object?>(json.EnumerateObject().Select(pair => KeyValuePair.Create(pair.Name, Value(pair.Value)))),
    };
}
