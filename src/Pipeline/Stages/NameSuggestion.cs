namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The known name that a mistyped one most likely stood for; null if none is near.</summary>
public delegate string? NameSuggestion(string name, IEnumerable<string> known);
