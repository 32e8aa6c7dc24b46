namespace AdaptiveKv.Files;

/// <summary>The user's folder for what can be fetched again. It is never the current folder, where anybody could have laid what is loaded from it.</summary>
public static class UserCache
{
    /// <summary>The environment variable that names another one (XDG Base Directory Specification).</summary>
    public const string Variable = "XDG_CACHE_HOME";

    /// <summary>The folder; it need not exist yet.</summary>
    /// <exception cref="FormatException">There is none; the message names the variable to set.</exception>
    public static string Folder => Of(
        Environment.GetEnvironmentVariable(Variable),
        Environment.GetFolderPath(
            OperatingSystem.IsWindows() ? Environment.SpecialFolder.LocalApplicationData : Environment.SpecialFolder.UserProfile,
            Environment.SpecialFolderOption.DoNotVerify));

    /// <param name="set">What the variable names; null or empty if nothing.</param>
    /// <param name="home">The user's folder.</param>
    internal static string Of(string? set, string home)
    {
        if (!string.IsNullOrEmpty(set))
        {
            return Path.IsPathFullyQualified(set) ? set : throw new FormatException($"{Variable} is '{set}', which depends on the current folder: set it to a full path");
        }

        return Path.IsPathFullyQualified(home) && Directory.Exists(home)
            ? OperatingSystem.IsWindows() ? home : Path.Combine(home, ".cache")
            : throw new FormatException($"there is no home folder to keep what is fetched in (HOME is '{home}'): set {Variable} to the full path of a folder that can be written");
    }
}
