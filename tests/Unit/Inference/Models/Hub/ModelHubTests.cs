using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using AdaptiveKv.Files;
using AdaptiveKv.Inference.Models;
using AdaptiveKv.Inference.Models.Conversion;
using AdaptiveKv.Inference.Models.Hub;
using AdaptiveKv.Unit.Inference.Models.HuggingFace;

namespace AdaptiveKv.Unit.Inference.Models.Hub;

/// <summary>Pulling whole models: which files, from which revision, and what is left when something fails.</summary>
public sealed class ModelHubTests : IDisposable
{
    private const string Name = "smollm-135m";

    private readonly TemporaryFolder root = new();
    private readonly TinyFolder tiny = new();
    private readonly StubHub stub = new();
    private readonly HttpClient client;

    public ModelHubTests()
    {
        client = new HttpClient(stub);
        foreach (string file in Directory.GetFiles(tiny.Save().Path))
        {
            stub.Files[Path.GetFileName(file)] = File.ReadAllBytes(file);
        }
    }

    public void Dispose()
    {
        client.Dispose();
        stub.Dispose();
        tiny.Dispose();
        root.Dispose();
    }

    [Fact]
    public async Task A_model_becomes_a_folder_that_opens()
    {
        stub.Files["generation_config.json"] = Encoding.UTF8.GetBytes("""{"eos_token_id": 3}""");
        List<DownloadProgress> reports = [];

        string path = await Pull("SmolLM-135M", new Reporter<DownloadProgress>(reports.Add));

        Assert.Equal(root[Name], path);
        Assert.Equal(
            ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"],
            Directory.GetFiles(path).Select(Path.GetFileName).Order());
        Assert.Equal([Name], Directory.GetFileSystemEntries(root.Path).Select(Path.GetFileName));
        using ModelSource model = ModelFormats.Open(path);
        Assert.Equal(3, model.Vocabulary.EndTokens[0]);
        DownloadProgress last = reports[^1];
        Assert.Equal(
            ("model.safetensors", stub.Files["model.safetensors"].Length, last.TotalBytes),
            (last.File, (int)last.DoneBytes, last.DoneBytes));
        Assert.True(last.BytesPerSecond > 0);
    }

    [Fact]
    public async Task All_files_come_from_the_commit_that_was_current_first()
    {
        await Pull(Name);

        Assert.Equal("HEAD /HuggingFaceTB/SmolLM-135M/resolve/main/config.json", stub.Requests[0]);
        Assert.All(stub.Requests.Skip(1).Where(request => request.Contains("resolve", StringComparison.Ordinal)), request =>
            Assert.Contains($"/resolve/{StubHub.Commit}/", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Shards_are_found_by_their_index()
    {
        stub.Files.Remove("model.safetensors");
        stub.Files["a.safetensors"] = TinyFolder.Weights(tiny.Tensors[..4]);
        stub.Files["b.safetensors"] = TinyFolder.Weights(tiny.Tensors[4..]);
        JsonObject map = [];
        tiny.Tensors.ForEach(tensor => map[tensor.Name] = tiny.Tensors.IndexOf(tensor) < 4 ? "a.safetensors" : "b.safetensors");
        stub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes(new JsonObject { ["weight_map"] = map }.ToJsonString());

        using ModelSource model = ModelFormats.Open(await Pull(Name));

        Assert.Equal(11, model.Tensors.Count);
    }

    [Fact]
    public async Task A_model_that_is_there_is_not_asked_for_again()
    {
        await Pull(Name);
        stub.Requests.Clear();

        Assert.Equal(root[Name], await Pull(Name));
        Assert.Empty(stub.Requests);
    }

    [Fact]
    public async Task A_folder_that_is_no_whole_model_is_not_taken_for_one()
    {
        Directory.CreateDirectory(root[Name]);

        IOException error = await Assert.ThrowsAsync<IOException>(() => Pull(Name));

        Assert.Contains("is no whole model", error.Message, StringComparison.Ordinal);
        Assert.Contains("remove the folder and pull again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_names_are_refused_with_the_known_ones()
    {
        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(() => Pull("smollm3"));

        Assert.Contains("smollm2-1.7b-instruct", error.Message, StringComparison.Ordinal);
        Assert.Equal(12, ModelHub.Names.Count);
    }

    [Fact]
    public async Task An_unreachable_hub_is_named_with_the_way_around_it()
    {
        QuickTime time = new();
        stub.Before = _ =>
            throw new HttpRequestException(HttpRequestError.NameResolutionError, "Name or service not known (huggingface.co:443)");

        IOException error = await Assert.ThrowsAsync<IOException>(() => Pull(Name, time: time));

        Assert.StartsWith("huggingface.co cannot be reached: Name or service not known", error.Message, StringComparison.Ordinal);
        Assert.Contains("https://huggingface.co/HuggingFaceTB/SmolLM-135M/tree/main", error.Message, StringComparison.Ordinal);
        Assert.Contains($"put them into {root[Name]}", error.Message, StringComparison.Ordinal);
        Assert.Equal([TimeSpan.FromSeconds(1)], time.Pauses);
        Assert.Empty(Directory.GetFileSystemEntries(root.Path));
    }

    [Fact]
    public async Task A_missing_file_of_the_repository_is_named()
    {
        stub.Files.Remove("tokenizer.json");

        IOException error = await Assert.ThrowsAsync<IOException>(() => Pull(Name));

        Assert.Contains("has no tokenizer.json there (404)", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(root[Name]));
    }

    [Fact]
    public async Task A_repository_that_is_gone_is_named()
    {
        stub.Files.Clear();

        IOException error = await Assert.ThrowsAsync<IOException>(() => Pull(Name));

        Assert.Contains("has no config.json there (404)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_is_not_tried_again()
    {
        QuickTime time = new();
        stub.Before = _ => new HttpResponseMessage(HttpStatusCode.Forbidden);

        IOException error = await Assert.ThrowsAsync<IOException>(() => Pull(Name, time: time));

        Assert.Contains("answers 403 (Forbidden)", error.Message, StringComparison.Ordinal);
        Assert.Empty(time.Pauses);
    }

    [Fact]
    public async Task A_busy_hub_is_asked_again_after_growing_pauses()
    {
        QuickTime time = new();
        int busy = 4;
        stub.Before = request => request.RequestUri!.AbsolutePath.EndsWith("tokenizer.json", StringComparison.Ordinal) && busy-- > 0
            ? new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
            : null;

        await Pull(Name, time: time);

        Assert.Equal([1, 2, 4, 8], time.Pauses.Select(pause => pause.TotalSeconds));
    }

    [Fact]
    public async Task Files_that_make_no_model_are_not_published()
    {
        stub.Files["config.json"] = Encoding.UTF8.GetBytes("""{"model_type": "gpt_neox"}""");

        await Assert.ThrowsAsync<ModelFormatException>(() => Pull(Name));

        Assert.False(Directory.Exists(root[Name]));
    }

    [Fact]
    public async Task Parts_of_another_revision_are_removed_and_other_models_are_not()
    {
        Directory.CreateDirectory(root[Name + ".aaaaaaaaaaaa.part"]);
        Directory.CreateDirectory(root[Name + "-instruct.aaaaaaaaaaaa.part"]);

        await Pull(Name);

        Assert.Equal([Name, Name + "-instruct.aaaaaaaaaaaa.part"], Directory.GetDirectories(root.Path).Select(Path.GetFileName).Order());
    }

    /// <summary>What several parties have of it under its name, no hub can replace.</summary>
    [Theory]
    [InlineData("smollm2-135m", "model.safetensors")]
    [InlineData("smollm2-135m-instruct", "model.safetensors")]
    [InlineData("smollm2-360m", "model.safetensors")]
    [InlineData("smollm2-360m-instruct", "model.safetensors")]
    [InlineData("smollm2-1.7b-instruct", "model.safetensors")]
    [InlineData("smollm2-135m", "model.safetensors.index.json")]
    public async Task Another_model_under_a_known_name_is_refused_before_it_is_fetched(string name, string weights)
    {
        stub.Files["a.safetensors"] = stub.Files["model.safetensors"];
        stub.Files.Remove(weights == "model.safetensors" ? "none" : "model.safetensors");
        stub.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes("""{"weight_map": {"a": "a.safetensors"}}""");

        Exception error = await Assert.ThrowsAnyAsync<Exception>(() => Pull(name));

        Assert.Contains(weights == "model.safetensors" ? "the model has " : "has no model.safetensors there (404)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(stub.Requests, request => request.StartsWith("GET", StringComparison.Ordinal) && request.Contains(".safetensors", StringComparison.Ordinal));
        Assert.False(Directory.Exists(root[name]));
    }

    [Theory]
    [InlineData("model.safetensors", "9223372036854775807")]
    [InlineData("model.safetensors", "-1")]
    [InlineData("model.safetensors", "8589934593")]
    [InlineData("tokenizer.json", "67108865")]
    public async Task A_size_that_no_model_has_is_refused(string file, string bytes)
    {
        stub.Before = request =>
        {
            if (request.Method != HttpMethod.Head || !request.RequestUri!.AbsolutePath.EndsWith("/" + file, StringComparison.Ordinal))
            {
                return null;
            }

            HttpResponseMessage answer = new(HttpStatusCode.OK);
            answer.Headers.Add("X-Linked-Etag", $"\"{new string('0', 64)}\"");
            answer.Headers.Add("X-Linked-Size", bytes);
            return answer;
        };

        InvalidDataException error = await Assert.ThrowsAsync<InvalidDataException>(() => Pull(Name));

        Assert.Contains($"{file}: the hub states ", error.Message, StringComparison.Ordinal);
    }

    private Task<string> Pull(string name, IProgress<DownloadProgress>? progress = null, QuickTime? time = null) =>
        new ModelHub(client, time ?? new QuickTime()).PullAsync(name, root.Path, progress, TestContext.Current.CancellationToken);
}
