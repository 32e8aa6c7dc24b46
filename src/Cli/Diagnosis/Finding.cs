namespace AdaptiveKv.Cli.Diagnosis;

/// <summary>One fact about this machine or installation.</summary>
/// <param name="Severity">What it means.</param>
/// <param name="Subject">What was looked at ("memory").</param>
/// <param name="Fact">What was found, and the remedy where one is needed.</param>
internal sealed record Finding(Severity Severity, string Subject, string Fact);

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
