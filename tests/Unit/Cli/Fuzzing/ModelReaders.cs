using AdaptiveKv.Files;
using AdaptiveKv.Files.Safetensors;
using AdaptiveKv.Inference;
using AdaptiveKv.Inference.Calibration;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Templates;
using AdaptiveKv.KvCache;
using AdaptiveKv.Policies;
using AdaptiveKv.Policies.Control;
using AdaptiveKv.Policies.Saliency;
using AdaptiveKv.Tests;
using AdaptiveKv.Unit.Inference.Models;
using AdaptiveKv.Unit.Inference.Models.Fuzzing;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;
using AdaptiveKv.Unit.Inference.Tokenization;
using AdaptiveKv.Unit.Policies.Control;

namespace AdaptiveKv.Unit.Cli.Fuzzing;

/// <summary>What goes with a model: controllers, transforms, saved sessions, templates, the smaller files of a folder, names of policies.</summary>
internal static class ModelReaders
{
    private static readonly string[] Words =
    [
        "{%", "%}", "{{", "}}", "{#", "'", "for x in messages", "endfor", "if true", "endif", "range(9999999999)", "loop.index", "| join('x')", "messages[0:-1]", "set ns = namespace()", "-", "+", "+sinks1", "static", "learned", "9",
    ];

    private static CacheShape Shape { get; } = new(2, 1, 3, 32);

    private static float[] Numbers { get; } = [.. Enumerable.Range(0, 64).Select(i => 1 + (0.01f * i))];

    private static PrecisionProfile Profile { get; } = new([new(new KvTier(BitWidth.Three, BitWidth.Two), [new(BitWidth.Four, BitWidth.Two), KvTier.Of(BitWidth.Two)])]);

    private static CalibrationRecord Calibration { get; } =
        new(new string('a', 64), new string('b', 64), 2048, 512, ulong.MaxValue, new TransformOptions()) { Allocation = new AllocationRecord(new string('d', 64), 1024, 256, 7) };

    private static Controller ASample { get; } = new(Sample.Controller(6, 5).Features, Sample.Controller(6, 5).Layers, Sample.Tiers, Sample.Record)
    {
        Budget = new BudgetCurve([-1.5, 0, 2], [16, 4.25, 2.5]),
        Rarity = RarityTable.Of(10, [1, 1, 2, 9]),
    };

    private static Controller WithProbe { get; } = new(ASample.Features, ASample.Layers, ASample.Tiers, ASample.Record) { Probe = new HiddenProbe(2, Numbers, -1) };

    public static SortedDictionary<string, Func<TemporaryFolder, FuzzedReader>> All { get; } = new(StringComparer.Ordinal)
    {
        ["controller"] = folder => OfTensors(folder["c.safetensors"], path => ControllerFile.Write(path, ASample), path => ControllerFile.Read(path)),
        ["controller with a probe"] = folder => OfTensors(folder["c.safetensors"], path => ControllerFile.Write(path, WithProbe), path => ControllerFile.Read(path)),
        ["rarity table"] = folder => OfTensors(folder["r.safetensors"], path => RarityTable.Of(100, [5, 6, 6, 99]).Write(path, new string('a', 64)), path => RarityTable.Read(path)),
        ["probe"] = folder => OfTensors(folder["p.safetensors"], path => new HiddenProbe(2, Numbers, -1).Write(path, new string('a', 64)), path => HiddenProbe.Read(path)),
        ["transform"] = folder => OfTensors(
            folder["t.safetensors"],
            path => TransformFile.Write(path, new KvTransform(Shape, true, Numbers, Numbers, null), Profile, Shape, Calibration),
            path => TransformFile.Read(path, Shape, new string('a', 64))),
        ["saved session"] = OfSession,
        ["chat template"] = _ => new FuzzedReader(
            "chat_template.jinja", [.. Directory.GetFiles(Path.Combine(SharedFiles.Repository, "eng/templates"), "*.jinja").Order().Select(path => (Func<Random, byte[]>)new JsonMutator(File.ReadAllText(path), Words).Mutate)], Render)
        {
            MostBytes = 64 << 20,
        },
        ["tokenizer_config.json"] = _ => OfFolder("tokenizer_config.json", """{"bos_token": "<|end|>", "eos_token": {"content": "<|end|>"}, "add_bos_token": false, "chat_template": [{"name": "default", "template": "{{ messages }}"}]}"""),
        ["generation_config.json"] = _ => OfFolder("generation_config.json", """{"bos_token_id": 0, "eos_token_id": [0, 1], "temperature": 0.5}"""),
        ["names of policies"] = _ => new FuzzedReader(
            "policies.txt",
            [new JsonMutator("static-16,static-k8v4,mix-2-3-4-8,random-3.5@7,static-2+sinks1+recent5+escalate30,rule-entropy-2-0.9-4-2.5-8,rule-attention_received-2-0.02-8+recent6".Replace("-", " - ", StringComparison.Ordinal).Replace("+", " +", StringComparison.Ordinal), Words).Mutate],
            ParsePolicies),
    };

    private static FuzzedReader OfTensors(string path, Action<string> write, Action<string> read)
    {
        write(path);
        return new(Path.GetFileName(path), [new SafetensorsMutator(File.ReadAllBytes(path)).Mutate], read);
    }

    // Three of four get the hash of what they say, as a stranger's would.
    private static FuzzedReader OfSession(TemporaryFolder folder)
    {
        AkvModel model = AkvModel.Load(SharedFiles.MicroModel);
        AdaptiveSession Open() => model.Open("static-2+sinks1+recent2", new OpenOptions { MaxTokens = 32, Threads = 1 });
        ThreadLocal<AdaptiveSession> sessions = new(Open);
        int count = 0;
        FuzzedReader reader = OfTensors(
            folder["session"],
            path =>
            {
                using AdaptiveSession session = Open();
                _ = string.Concat(session.Generate("ring", new GenerationOptions { MaxTokens = 3 }));
                session.Save(path);
            },
            path =>
            {
                if (Interlocked.Increment(ref count) % 4 != 0)
                {
                    Seal(path);
                }

                sessions.Value!.Load(path);
                _ = sessions.Value.Step(1);
            });
        return reader;
    }

    private static void Seal(string path)
    {
        string hash;
        using (ModelFile file = ModelFile.Open(path))
        {
            SafetensorsHeader header = SafetensorsReader.Read(file);
            if (header.Metadata.GetValueOrDefault("sha256") is not { Length: 64 } old)
            {
                return;
            }

            hash = SessionFile.HashOf(file, header);
            byte[] content = File.ReadAllBytes(path);
            int at = content.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(old));
            if (at >= 0)
            {
                System.Text.Encoding.ASCII.GetBytes(hash).CopyTo(content, at);
                using FileStream sealed_ = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
                sealed_.Write(content);
            }
        }
    }

    private static FuzzedReader OfFolder(string name, string original)
    {
        TinyFolder whole = new();
        whole.Write(name, original);
        return new(name, [new JsonMutator(original).Mutate], path =>
        {
            using ModelSource model = ModelFormats.Open(Path.GetDirectoryName(path)!);
            _ = model.ChatTemplate;
        })
        {
            Beside = whole.Save().Path,
        };
    }

    private static void Render(string path)
    {
        try
        {
            ChatTemplate template = new(File.ReadAllText(path), SampleTokenizers.Micro, path);
            _ = template.Encode([new("system", "Be brief."), new("user", "What is 2+2?"), new("assistant", " 4\n"), new("user", "<|im_end|>")]);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException(exception.Message);
        }
    }

    private static void ParsePolicies(string path)
    {
        try
        {
            _ = PolicyCatalog.Parse(File.ReadAllText(path).Replace(" ", "", StringComparison.Ordinal)).Count;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException && !exception.Message.Contains("(Parameter", StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: {exception.Message}");
        }
    }
}
