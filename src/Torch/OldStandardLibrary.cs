using System.Security.Cryptography;
using AdaptiveKv.Files;

namespace AdaptiveKv.Torch;

/// <summary>
/// TorchSharp's binding for Linux asks for version GLIBCXX_3.4.32 of libstdc++ (GCC 13.2), which Debian 12, Ubuntu 22.04 and RHEL 9 lack, for the sake of one function: it
/// initializes the standard streams, which an older libstdc++ does by itself in every object. A copy of the binding that calls something harmless in its place loads there.
/// </summary>
internal static class OldStandardLibrary
{
    /// <summary>What the loader's message names where libstdc++ is too old.</summary>
    public const string MissingVersion = "GLIBCXX_3.4.32";

    private const string Function = "_ZSt21ios_base_library_initv";

    // Of the C library, without arguments or effects; its name fits into the other's place.
    private const string Harmless = "sched_yield";
    private const ushort Weak = 2;
    private const ushort Global = 1;

    /// <summary>The patched copy in the user's cache, written whole and compared with what it must be whenever it is used.</summary>
    /// <param name="binding">The original.</param>
    /// <exception cref="IOException">The original is another file than expected, or the cache cannot be written.</exception>
    public static string PatchedCopy(string binding)
    {
        byte[] original = File.ReadAllBytes(binding);
        byte[] patched = Patch(original, binding);
        string copy = Path.Combine(UserCache.Folder, "akv", "native", $"torchsharp-{Convert.ToHexStringLower(SHA256.HashData(original))[..16]}", Path.GetFileName(binding));
        if (File.Exists(copy) && File.ReadAllBytes(copy).AsSpan().SequenceEqual(patched))
        {
            return copy;
        }

        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            OutputFile.Write(copy, patched);
            return copy;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException(
                $"{copy}: the copy of TorchSharp's binding that this system needs cannot be written ({exception.Message.TrimEnd('.')}): set {UserCache.Variable} to the full path of a folder that can be written", exception);
        }
    }

    /// <summary>The bytes of the binding with the function replaced.</summary>
    /// <param name="original">The binding's.</param>
    /// <param name="path">For errors.</param>
    /// <exception cref="IOException">It is not the file that this was made for.</exception>
    public static byte[] Patch(ReadOnlySpan<byte> original, string path)
    {
        byte[] bytes = original.ToArray();
        try
        {
            Replace(new ElfSymbols(bytes));
            return bytes;
        }
        catch (Exception exception) when (exception is InvalidDataException or ArgumentOutOfRangeException or OverflowException)
        {
            throw new IOException(
                $"{path}: it does not load with this system's libstdc++, which lacks {MissingVersion}, and cannot be adapted ({exception.Message.ReplaceLineEndings(" ")}): install the libstdc++ of GCC 13.2 or newer", exception);
        }
    }

    private static void Replace(ElfSymbols symbols)
    {
        ushort version = symbols.WeakenVersion(MissingVersion, Weak);
        int[] users = [.. Enumerable.Range(0, symbols.Count).Where(symbol => symbols.VersionOf(symbol) == version)];
        if (users.Length != 1 || symbols.NameOf(users[0]) != Function)
        {
            throw new InvalidDataException($"its symbols of that version are {string.Join(", ", users.Select(symbols.NameOf))}, and not {Function} alone");
        }

        symbols.Rename(users[0], Harmless);
        symbols.SetVersion(users[0], Global);
    }
}
