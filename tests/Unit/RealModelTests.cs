namespace AdaptiveKv.Unit;

/// <summary>Tests of the real model share it and run after the others, one by one, with all cores.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealModelTests : ICollectionFixture<RealModel>
{
    public const string Name = "real model";
}
