namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The stages that pipeline files can use, by name.</summary>
public sealed class StageCatalog
{
    private readonly Dictionary<string, StageKind> kinds;

    /// <summary>A catalog of some stages.</summary>
    /// <param name="kinds">Their names differ.</param>
    /// <param name="nearest">Finds what a mistyped name stood for.</param>
    public StageCatalog(IEnumerable<StageKind> kinds, NameSuggestion nearest)
    {
        this.kinds = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);
        Nearest = nearest;
    }

    /// <summary>All of them, by name.</summary>
    public IReadOnlyDictionary<string, StageKind> Kinds => kinds;

    internal NameSuggestion Nearest { get; }
}
