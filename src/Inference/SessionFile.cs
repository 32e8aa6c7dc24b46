using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using AdaptiveKv.Files;
using AdaptiveKv.Files.Safetensors;
using AdaptiveKv.KvCache;
using AdaptiveKv.KvCache.Streams;

namespace AdaptiveKv.Inference;

/// <summary>
/// A session on disk (safetensors): "places" [tokens], the stream that each token lies in, 8 for a dropped one; "stream.0", "stream.1", ... [units][bytes], the packed codes as the
/// cache holds them, "open.0", ... [tokens][bytes], those of tokens that make no unit yet; what the policy and the features of the newest tokens need to go on. The metadata binds it to model, code, policy and controller and has a hash over all of it.
/// </summary>
internal sealed class SessionFile
{
    private const string Format = "akv-session";
    private const int Version = 2; // 1 had scales of 16 bits, and units with room.
    private const string Hash = "sha256";
    private const int CopyBytes = 1 << 20;

    private readonly ModelFile file;
    private readonly SafetensorsHeader header;

    private SessionFile(ModelFile file)
    {
        this.file = file;
        header = SafetensorsReader.Read(file);
    }

    /// <summary>Writes the file whole or not at all; the same session gives the same bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="session">The session.</param>
    /// <param name="more">Further metadata.</param>
    public static void Write(string path, AdaptiveSession session, IEnumerable<(string Name, string Value)> more)
    {
        PackedKvCache cache = session.Cache;
        cache.Truncate(cache.Count); // What was taken back may have left units with room.
        SessionMemory memory = session.Remember();
        (string Name, string Value)[] metadata =
        [
            ("format", Format),
            ("version", Text(Version)),
            ("akv", typeof(SessionFile).Assembly.GetName().Version!.ToString(3)),
            .. Binding(session),
            ("streams", string.Join(',', cache.Streams.Select(stream => stream.Tier))),
            ("waiting", Text(cache.Staged)),
            ("log_sum", memory.Saliency.LogSum.ToString("R", CultureInfo.InvariantCulture)),
            .. more,
        ];
        SafetensorsContent[] contents =
        [
            Bytes("places", [.. Enumerable.Range(0, cache.Count).Select(position => (byte)cache.Map.StreamOf(position))]),
            Floats("policy", [.. memory.Policy]),
            Floats("features", memory.Saliency.Values),
            Floats("receivers", memory.Saliency.Receivers),
            Floats("logits", memory.Saliency.Logits),
            .. cache.Streams.SelectMany((stream, index) => Contents(stream, index, cache.Counts[index])),
        ];
        using SHA256 sha256 = SHA256.Create();
        using (CryptoStream hashed = new(Stream.Null, sha256, CryptoStreamMode.Write))
        {
            hashed.Write(Description(metadata, contents.Select(content => (content.Name, content.DataType, string.Join(',', content.Shape), content.Bytes))));
            Array.ForEach(contents, content => content.Write(hashed));
        }

        OutputFile.Write(path, stream => SafetensorsWriter.Write(stream, [.. metadata, (Hash, Convert.ToHexStringLower(sha256.Hash!))], contents));
    }

    /// <summary>Fills a session from a file; the session is as it was where the file is refused.</summary>
    /// <param name="path">The file.</param>
    /// <param name="session">Opened as the one that was saved.</param>
    /// <param name="objects">Sees the metadata and the number of tokens before anything changes, and names what is wrong with them; null for nobody.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="ModelFormatException">It is damaged, no session, or one of another model, code, policy or controller.</exception>
    public static void Read(string path, AdaptiveSession session, Func<IReadOnlyDictionary<string, string>, int, (string Name, string Problem)?>? objects = null)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"{path}: no such saved session", path);
        }

        using ModelFile file = ModelFile.Open(path);
        SessionFile read = new(file);
        read.Check(session);
        read.Fill(session, objects);
    }

    private static IEnumerable<(string Name, string Value)> Binding(AdaptiveSession session)
    {
        KvCacheOptions code = session.Engine.Options.Cache;
        yield return ("model_sha256", session.Model.Sha256);
        yield return ("code_sha256", CodeHash.Of(code, session.Cache.Shape));
        yield return ("policy", session.Policy.Name);
        if (session.Policy.ControllerSha256 is { } controller)
        {
            yield return ("controller_sha256", controller);
        }

        if (code.MaxBytes is { } bytes)
        {
            yield return ("budget", $"{Text(bytes)} bytes for {Text(code.MaxTokens)} tokens");
        }
    }

    // What the hash covers beside the data.
    private static byte[] Description(IEnumerable<(string Name, string Value)> metadata, IEnumerable<(string Name, string DataType, string Shape, long Bytes)> tensors) =>
        Encoding.UTF8.GetBytes(string.Join('\n', [.. metadata.OrderBy(pair => pair.Name, StringComparer.Ordinal).Select(pair => $"{pair}"), .. tensors.Select(tensor => $"{tensor}"), string.Empty]));

    /// <summary>The hash of what a file says and holds.</summary>
    internal static string HashOf(ModelFile file, SafetensorsHeader header)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Description(
            header.Metadata.Where(pair => pair.Key != Hash).Select(pair => (pair.Key, pair.Value)),
            header.Entries.Select(entry => (entry.Name, entry.DataType, string.Join(',', entry.Shape), entry.End - entry.Begin))));
        byte[] buffer = new byte[CopyBytes];
        for (long at = header.DataStart; at < file.Length; at += buffer.Length)
        {
            Span<byte> part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.Length - at));
            file.Read("content", at, part);
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Check(AdaptiveSession session)
    {
        FormatMetadata.Require(file.Path, header, Format, Version, "no saved session");
        Require(HashOf(file, header) == Metadata(Hash), Hash, "does not fit the content: the file is damaged");
        Dictionary<string, string> wanted = Binding(session).ToDictionary();
        Same("model_sha256", "model");
        Same("code_sha256", "code or transform");
        Same("policy", "policy");
        Same("controller_sha256", "controller");
        Same("budget", "budget");

        void Same(string name, string what)
        {
            string saved = header.Metadata.GetValueOrDefault(name) ?? "none";
            string own = wanted.GetValueOrDefault(name) ?? "none";
            Require(saved == own, name, $"the session was saved under {what} {saved}, this one has {own}: open it as the saved one was");
        }
    }

    private void Fill(AdaptiveSession session, Func<IReadOnlyDictionary<string, string>, int, (string Name, string Problem)?>? objects)
    {
        byte[] places = Part("places");
        if (objects?.Invoke(header.Metadata, places.Length) is (string name, string problem))
        {
            throw Fault(name, problem);
        }

        KvTier[] tiers = [.. Metadata("streams").Split(',').Select(name => KvTier.TryParse(name, out KvTier tier) ? tier : throw Fault("streams", $"'{name}' is no tier"))];
        Require(places.Length <= session.Cache.MaxTokens, "places", $"{places.Length} tokens; the session has room for {session.Cache.MaxTokens}: open it with room for more");
        Require(tiers.Distinct().Count() == tiers.Length && tiers[0] == session.Cache.StagingTier && !tiers.Contains(KvTier.Dropped) && tiers.Length <= PackedKvCache.MaxStreams, "streams", "are no streams of such a cache");
        Require(Array.TrueForAll(places, place => place < tiers.Length || place == TokenMap.Nowhere), "places", "name a stream that is not there");
        Require(int.TryParse(Metadata("waiting"), out int waiting) && waiting >= 0 && waiting <= places.Length && places.AsSpan(places.Length - waiting).IndexOfAnyExcept((byte)0) < 0, "waiting", "tokens are elsewhere");
        Require(double.TryParse(Metadata("log_sum"), CultureInfo.InvariantCulture, out double logSum), "log_sum", "is no number");
        SaliencyMemory saliency = new(Floats("features"), Floats("receivers"), Floats("logits"), logSum);
        int[] counts = [.. tiers.Select((_, index) => places.Count(place => place == index))];
        (SafetensorsEntry Units, SafetensorsEntry? Open)[] streams = [.. tiers.Select((tier, index) =>
        {
            TierFootprint footprint = TierFootprint.Of(tier, session.Cache.Shape, session.Engine.Options.Cache);
            (int units, int open) = Math.DivRem(counts[index], footprint.TokensPerUnit);
            return (Sized($"stream.{index}", units * footprint.UnitBytes), open > 0 ? Sized($"open.{index}", open * footprint.RowBytes) : null);

            SafetensorsEntry Sized(string name, long bytes)
            {
                SafetensorsEntry entry = Entry(name);
                Require(entry.End - entry.Begin == bytes, name, $"has {entry.End - entry.Begin} bytes; of its {counts[index]} tokens {bytes} are there");
                return entry;
            }
        })];
        try
        {
            session.Recall(
                new SessionMemory(Floats("policy"), saliency), tiers, [.. places.Select(place => place == TokenMap.Nowhere ? KvTier.Dropped : tiers[place])], waiting);
        }
        catch (ArgumentException error)
        {
            throw Fault("policy", error.Message);
        }

        for (int index = 0; index < tiers.Length; index++)
        {
            TierStore stream = session.Cache.Streams[index];
            stream.VisitUnits(counts[index], Reading(streams[index].Units));
            if (streams[index].Open is { } open)
            {
                stream.VisitOpen(Reading(open));
            }
        }
    }

    private Action<Span<byte>> Reading(SafetensorsEntry entry)
    {
        long at = header.DataStart + entry.Begin;
        return bytes =>
        {
            file.Read(entry.Name, at, bytes);
            at += bytes.Length;
        };
    }

    private static IEnumerable<SafetensorsContent> Contents(TierStore stream, int index, int tokens)
    {
        TierFootprint footprint = stream.Footprint;
        (int units, int open) = Math.DivRem(tokens, footprint.TokensPerUnit);
        yield return new($"stream.{index}", "U8", [units, (int)footprint.UnitBytes], units * footprint.UnitBytes, content => stream.VisitUnits(tokens, bytes => content.Write(bytes)));
        if (open > 0)
        {
            yield return new($"open.{index}", "U8", [open, (int)footprint.RowBytes], open * footprint.RowBytes, content => stream.VisitOpen(bytes => content.Write(bytes)));
        }
    }

    private static SafetensorsContent Bytes(string name, byte[] values) => new(name, "U8", [values.Length], values.Length, content => content.Write(values));

    private static SafetensorsContent Floats(string name, float[] values) =>
        new(name, "F32", [values.Length], (long)values.Length * sizeof(float), content => content.Write(MemoryMarshal.AsBytes(values.AsSpan())));

    private float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Part(name)).ToArray();

    private byte[] Part(string name)
    {
        SafetensorsEntry entry = Entry(name);
        byte[] bytes = new byte[entry.End - entry.Begin];
        file.Read(name, header.DataStart + entry.Begin, bytes);
        return bytes;
    }

    private SafetensorsEntry Entry(string name) => header.Entries.FirstOrDefault(entry => entry.Name == name) ?? throw Fault(name, "is missing");

    private string Metadata(string name) => header.Metadata.GetValueOrDefault(name) ?? throw Fault(name, "is missing");

    private void Require(bool holds, string name, string problem)
    {
        if (!holds)
        {
            throw Fault(name, problem);
        }
    }

    private ModelFormatException Fault(string name, string problem) => FormatMetadata.Error(file.Path, name, problem);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
