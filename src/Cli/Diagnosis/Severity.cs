namespace AdaptiveKv.Cli.Diagnosis;

/// <summary>What a finding means for the user.</summary>
internal enum Severity
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Works, but slower or with something optional missing.</summary>
    Limited,

    /// <summary>Something essential is off.</summary>
    Fault,
}
