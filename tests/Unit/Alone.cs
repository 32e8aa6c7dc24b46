namespace AdaptiveKv.Unit;

/// <summary>Tests that measure the process (time, allocations) or need all its cores: they run after the others, one by one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
