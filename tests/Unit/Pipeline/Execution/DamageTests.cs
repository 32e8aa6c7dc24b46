using System.Text.Json.Nodes;
using AdaptiveKv.FakePipeline;
using AdaptiveKv.Pipeline.Artifacts;
using AdaptiveKv.Pipeline.Execution;
using AdaptiveKv.Pipeline.Fingerprints;
using AdaptiveKv.Pipeline.Metrics;

namespace AdaptiveKv.Unit.Pipeline.Execution;

/// <summary>Lists, records and artifacts that are damaged after a run: status names the file, nobody believes it, and a run makes it again.</summary>
public sealed class DamageTests : IDisposable
{
    private const string Collect = "artifacts/demo/collect/manifest.json";
    private const string Rows = "artifacts/demo/collect/rows/manifest.json";
    private const string Train = "artifacts/demo/train/manifest.json";
    private const string Metrics = "artifacts/demo/evaluate/metrics.json";

    private readonly DemoPipeline demo = new();
    private readonly SortedDictionary<string, string> whole;

    public DamageTests()
    {
        demo.Run();
        whole = demo.Tree();
    }

    public static TheoryData<string, string> DamagedLists => new(
        from list in (string[])[Collect, Rows, Train]
        from damage in (string[])["deleted", "empty", "truncated", "one bit", "no JSON", "of another run", "of another stage", "of a folder of segments", "lists nothing"]
        where damage != (list == Rows ? "of a folder of segments" : string.Empty)
        select (list, damage));

    public void Dispose() => demo.Dispose();

    [Theory]
    [MemberData(nameof(DamagedLists))]
    public void ADamagedListIsNamedAndWrittenAgainWithoutWork(string list, string damage)
    {
        Damage(list, damage);

        string reason = Assert.Single(demo.Reasons(), reason => !reason.Contains("would run", StringComparison.Ordinal));
        Assert.Contains(list, reason, StringComparison.Ordinal);
        Assert.Equal(reason, Assert.Single(Verified(), reason => !reason.Contains("would run", StringComparison.Ordinal)));
        int made = FakeStages.RowsMadeHere;

        Assert.Empty(demo.Run().Ran);
        Assert.Equal(made, FakeStages.RowsMadeHere);
        Assert.Contains(demo.Notes, note => note.Contains($"{list}", StringComparison.Ordinal) && note.EndsWith(": written again", StringComparison.Ordinal));
        Assert.Equal(whole, demo.Tree());
        Assert.Empty(Verified());
    }

    /// <summary>The same where the outs are gone too, or not as recorded: the stage runs.</summary>
    [Theory]
    [InlineData(Collect, "artifacts/demo/collect/rows/000001-*", "collect")]
    [InlineData(Rows, "artifacts/demo/collect/rows/000001-*", "collect")]
    [InlineData(Train, "artifacts/demo/train/model.txt", "train")]
    public void ADamagedListOfDamagedOutsRunsTheStage(string list, string made, string stage)
    {
        Damage(list, "truncated");
        Damage(Path.GetRelativePath(demo.Root, Directory.GetFiles(demo[Path.GetDirectoryName(made)!], Path.GetFileName(made)).Single()), "one bit");

        Assert.Equal([stage], demo.Run().Ran);
        Assert.Equal(whole, demo.Tree());
        Assert.Empty(Verified());
    }

    [Fact]
    public void AListAndARecordThatAreBothGoneRunTheStage()
    {
        Damage(Train, "deleted");
        Edit(record => record.Remove("train"));

        Assert.Equal(["train"], demo.Run().Ran);
        Assert.Equal(whole, demo.Tree());
    }

    public static TheoryData<string> DamagedRecords => ["removed", "code", "dep", "param", "out", "path", "out gone", "dep gone", "uses"];

    [Theory]
    [MemberData(nameof(DamagedRecords))]
    public void ADamagedRecordIsNoticedAndWrittenAgain(string damage)
    {
        Edit(stages =>
        {
            JsonNode train = stages["train"]!;
            _ = damage switch
            {
                "removed" => stages.Remove("train"),
                "code" => Set(train, "code", 7),
                "uses" => Set(train, "uses", "grade"),
                "dep" => Set(train["deps"]!["table"]!, "sha256", new string('0', 64)),
                "param" => Set(train["params"]!, "lr", 0.5),
                "out" => Set(train["outs"]!["model"]!, "sha256", new string('0', 64)),
                "path" => Set(train["outs"]!["model"]!, "path", "artifacts/demo/train/other.txt"),
                "out gone" => train["outs"]!.AsObject().Remove("curve"),
                _ => train["deps"]!.AsObject().Remove("table"),
            };
        });

        Assert.StartsWith("train: ", Verified().First(), StringComparison.Ordinal);

        // Where the record has the hash of another content, either may be the wrong one.
        Assert.Equal(damage == "out" ? ["train"] : [], demo.Run().Ran);
        Assert.Equal(whole, demo.Tree());
        Assert.Empty(Verified());
    }

    /// <summary>A stage that must run reads what it needs whole: an artifact whose damage hides from the clock is made again first, and the stages before it if need be.</summary>
    [Theory]
    [InlineData("artifacts/demo/dataset/table.txt", "dataset")]
    [InlineData("artifacts/demo/train/model.txt", "train")]
    public void HiddenDamageOfAnArtifactIsMadeAgainBeforeItIsRead(string made, string maker)
    {
        File.SetLastWriteTimeUtc(demo[made], DateTime.UnixEpoch);
        Assert.Empty(demo.Run().Ran);
        Damage(made, "hidden bit");
        Assert.Empty(demo.Reasons());
        File.Delete(demo[Metrics]);

        Assert.Equal([maker, "evaluate"], demo.Run().Ran);
        Assert.Equal(whole, demo.Tree());
    }

    [Theory]
    [InlineData("intact")]
    [InlineData("deleted")]
    [InlineData("empty")]
    [InlineData("truncated")]
    [InlineData("one bit")]
    [InlineData("of another stage")]
    [InlineData("rewritten")]
    public void EditedMetricsAreNotBelieved(string list)
    {
        string metrics = demo[Metrics];
        File.WriteAllText(metrics, File.ReadAllText(metrics).Replace("0.499", "0.999", StringComparison.Ordinal));
        string path = "artifacts/demo/evaluate/manifest.json";
        if (list == "rewritten")
        {
            File.WriteAllBytes(demo[path], Manifest.Empty.With([ManifestEntry.Of(metrics, "metrics.json", Manifest.Read(demo[path]).Entries[0].Inputs)]).ToBytes());
        }
        else if (list != "intact")
        {
            Damage(path, list);
        }

        Assert.Contains("metrics.json", Assert.Throws<InvalidDataException>(() => MetricsFile.Read(metrics)).Message.Replace("manifest.json", "metrics.json", StringComparison.Ordinal), StringComparison.Ordinal);
        if (list is not "rewritten" and not "of another stage")
        {
            File.Delete(demo["pipelines/demo.lock"]);
            Assert.Throws<InvalidDataException>(() => MetricsFile.Read(metrics));
        }

        Assert.Equal(["evaluate"], demo.Run().Ran);
        Assert.Equal(whole, demo.Tree());
        MetricsFile.Read(metrics);
    }

    [Fact]
    public void FilesOfOthersNeedNoList()
    {
        File.WriteAllText(demo["mine.json"], "{\"accuracy\": 1}");
        Directory.CreateDirectory(demo["artifacts/mine/results"]);
        File.Copy(demo["mine.json"], demo["artifacts/mine/results/mine.json"]);

        Assert.Equal(["accuracy", "accuracy"], from path in (string[])["mine.json", "artifacts/mine/results/mine.json"] select MetricsFile.Read(demo[path]).Metrics[0].Path);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("truncated")]
    [InlineData("one bit")]
    [InlineData("no JSON")]
    [InlineData("of another stage")]
    public void DamagedRememberedHashesAreNamedAndFoundOutAgain(string damage)
    {
        string path = $"artifacts/demo/{FileHashes.FileName}";
        foreach (string file in Directory.GetFiles(demo.Root, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);
        }

        demo.Run();
        byte[] intact = File.ReadAllBytes(demo[path]);
        Damage(path, damage);

        List<string> notes = [];
        PipelineStatus.Of(demo.Read(), StageSelection.All, TimeProvider.System, note: notes.Add);
        Assert.StartsWith($"{demo[path]}: the hashes remembered there are damaged", Assert.Single(notes), StringComparison.Ordinal);
        Assert.Equal(intact, File.ReadAllBytes(demo[path]));
    }

    /// <summary>One bit of any artifact or list flips, and size, time and inode stay: 'akv status --verify' names the file.</summary>
    [Fact]
    public void EveryFlippedBitIsNamed()
    {
        int flips = Environment.GetEnvironmentVariable("AKV_SLOW") is { Length: > 0 } ? 1500 : 150;
        string[] files = [.. Directory.GetFiles(demo["artifacts"], "*", SearchOption.AllDirectories).Where(path => !Path.GetFileName(path).StartsWith('.')).Order(StringComparer.Ordinal)];
        for (int i = 0; i < flips; i++)
        {
            string file = files[i % files.Length];
            byte[] whole = File.ReadAllBytes(file);
            long bit = (long)((i + 1) * 0.6180339887498949 % 1 * whole.Length * 8);
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (int)(bit % 8));
            Overwrite(file, flipped);
            Assert.Contains(Path.GetRelativePath(demo.Root, file), string.Concat(Verified()), StringComparison.Ordinal);
            Overwrite(file, whole);
        }

        Assert.Empty(Verified());
    }

    // In place, so that the inode stays, too.
    private static void Overwrite(string path, byte[] content)
    {
        DateTime time = File.GetLastWriteTimeUtc(path);
        using (FileStream file = new(path, FileMode.Open, FileAccess.Write))
        {
            file.Write(content);
        }

        File.SetLastWriteTimeUtc(path, time);
    }

    private static bool Set(JsonNode node, string name, JsonNode value)
    {
        node[name] = value;
        return true;
    }

    private IEnumerable<string> Verified() =>
        from state in PipelineStatus.Of(demo.Read(), StageSelection.All, TimeProvider.System, verify: true)
        where !state.IsUpToDate
        select $"{state.Stage.Name}: {string.Join("; ", state.Reasons)}";

    private void Edit(Action<JsonObject> change)
    {
        string path = demo["pipelines/demo.lock"];
        JsonNode record = JsonNode.Parse(File.ReadAllText(path))!;
        change(record["stages"]!.AsObject());
        File.WriteAllText(path, record.ToJsonString());
    }

    private void Damage(string relative, string damage)
    {
        string path = demo[relative];
        byte[] content = File.ReadAllBytes(path);
        content[content.Length / 2] ^= 1;
        switch (damage)
        {
            case "deleted":
                File.Delete(path);
                return;
            case "hidden bit":
                Overwrite(path, content);
                return;
            case "of another run":
                Manifest old = Manifest.Read(path);
                File.WriteAllBytes(path, Manifest.Empty.With([.. old.Entries.Select(entry => entry with { Sha256 = new string('1', 64), Inputs = entry.Inputs is null ? null : "other" })]).ToBytes());
                return;
            case "of another stage":
                File.Copy(demo["artifacts/demo/dataset/manifest.json"], path, overwrite: true);
                return;
            case "of a folder of segments":
                File.Copy(demo[Rows], path, overwrite: true);
                return;
            default:
                File.WriteAllBytes(path, damage switch
                {
                    "empty" => [],
                    "truncated" => content[..(content.Length / 3)],
                    "no JSON" => "<html>"u8.ToArray(),
                    "lists nothing" => Manifest.Empty.ToBytes(),
                    _ => content,
                });
                return;
        }
    }
}
