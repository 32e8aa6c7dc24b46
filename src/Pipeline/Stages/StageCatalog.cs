namespace AdaptiveKv.Pipeline.Stages;

/// <summary>The stages that pipeline files can use, by name.</summary>
public sealed class StageCatalog
{
    private readonly Dictionary<string, StageKind> kinds;

    /// <summary>A catalog of some stages.</summary>
    /// <param name="kinds">Their names differ.</param>
    public StageCatalog(IEnumerable<StageKind> kinds) => this.kinds = kinds.ToDictionary(kind => kind.Name, StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public IReadOnlyDictionary<string, StageKind> Kinds => kinds;
}
