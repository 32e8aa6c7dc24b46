namespace AdaptiveKv.Inference.Templates;

/// <summary>The tests of Jinja that chat templates use: what may stand behind 'is'.</summary>
internal static class TemplateTests
{
    private static readonly Dictionary<string, Test> Known = new(StringComparer.Ordinal)
    {
        ["boolean"] = (_, value, _) => value is bool,
        ["callable"] = (_, value, _) => value is TemplateFunction,
        ["defined"] = (_, value, _) => value is not Undefined,
        ["eq"] = Equal,
        ["equalto"] = Equal,
        ["even"] = (_, value, _) => value is long number && number % 2 == 0,
        ["false"] = (_, value, _) => value is false,
        ["float"] = (_, value, _) => value is double,
        ["in"] = (scope, value, given) => TemplateValue.Compare(scope, "in", value, given.At(0, "seq")),
        ["integer"] = (_, value, _) => value is long,
        ["iterable"] = (_, value, _) => value is MarkedText or List<object?> or OrderedDictionary<string, object?> or Undefined,
        ["mapping"] = (_, value, _) => value is OrderedDictionary<string, object?>,
        ["ne"] = (scope, value, given) => !Equal(scope, value, given),
        ["none"] = (_, value, _) => value is null,
        ["number"] = (_, value, _) => value is long or double or bool,
        ["odd"] = (_, value, _) => value is long number && number % 2 != 0,
        ["sameas"] = (_, value, given) => Equals(value, given.At(0, "other")),
        ["sequence"] = (_, value, _) => value is MarkedText or List<object?> or OrderedDictionary<string, object?>,
        ["string"] = (_, value, _) => value is MarkedText,
        ["true"] = (_, value, _) => value is true,
        ["undefined"] = (_, value, _) => value is Undefined,
    };

    /// <summary>Tests a value.</summary>
    public delegate bool Test(TemplateScope scope, object? value, TemplateArguments given);

    /// <summary>The test of a name; null where there is none.</summary>
    public static Test? Find(string name) => Known.GetValueOrDefault(name);

    private static bool Equal(TemplateScope scope, object? value, TemplateArguments given) => TemplateValue.AreEqual(value, given.At(0, "other"));
}
