namespace AdaptiveKv.Inference.Templates;

/// <summary>The variables that a part of a template sees: its own, then those around it.</summary>
/// <param name="run">What is rendered.</param>
/// <param name="outer">Around it; null for the whole template.</param>
internal sealed class TemplateScope(TemplateRun run, TemplateScope? outer = null)
{
    private readonly Dictionary<string, object?> variables = new(StringComparer.Ordinal);

    /// <summary>What is rendered.</summary>
    public TemplateRun Run => run;

    /// <summary>A variable; <see cref="Undefined"/> where there is none. What is set is this scope's own.</summary>
    public object? this[string name]
    {
        get => variables.TryGetValue(name, out object? value) ? value : outer is null ? new Undefined(name) : outer[name];
        set => variables[name] = value;
    }
}

/// <summary>The value of a variable, member or element that there is not.</summary>
/// <param name="Name">What was looked for.</param>
internal sealed record Undefined(string Name);

/// <summary>Variables that a loop may change (Jinja's namespace).</summary>
/// <param name="Values">By name.</param>
internal sealed record TemplateNamespace(OrderedDictionary<string, object?> Values);

/// <summary>What a template can call: a macro, a method, a function of Jinja.</summary>
internal delegate object? TemplateFunction(TemplateScope scope, TemplateArguments arguments);
