namespace AdaptiveKv.Pipeline.Files;

/// <summary>A configuration that cannot be used, with everything that is wrong with it.</summary>
/// <param name="faults">At least one, in the order of the document.</param>
public sealed class ConfigurationException(IReadOnlyList<ConfigurationFault> faults) : FormatException(Summary(faults))
{
    /// <summary>All that is wrong.</summary>
    public IReadOnlyList<ConfigurationFault> Faults { get; } = faults;

    private static string Summary(IReadOnlyList<ConfigurationFault> faults) =>
        faults.Count == 1 ? faults[0].ToString() : $"{faults[0]} (and {faults.Count - 1} more; 'akv validate' lists them)";
}
