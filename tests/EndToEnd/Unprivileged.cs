namespace AdaptiveKv.EndToEnd;

/// <summary>Root may write everywhere; without these capabilities it may what the modes of files say, as anybody.</summary>
internal static class Unprivileged
{
    /// <summary>What stands before a command on a POSIX system.</summary>
    public static string[] Prefix { get; } =
        Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"] : [];
}
