using AdaptiveKv.Data.Tasks;

namespace AdaptiveKv.Unit.Data.Tasks;

public sealed class ItemSelectionTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("akv-selection-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("7\n2\n7\n")]
    [InlineData("{\"item\": 7, \"gold\": 3}\n{\"item\": \"2\"}\n")]
    public void Items_are_taken_by_name_in_the_order_of_the_data(string names) =>
        Assert.Equal(["2", "7"], ItemSelection.Read(Write("names", names)).Of(Data()).Select(item => item.Id));

    [Fact]
    public void An_unknown_name_is_an_error() =>
        Assert.Contains(
            "has no item '11' (2 of 3 names are unknown)",
            Assert.Throws<InvalidDataException>(() => ItemSelection.Read(Write("names", "2\n11\n12\n")).Of(Data())).Message,
            StringComparison.Ordinal);

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("{\"gold\": 1}", "line 1: field 'item': missing")]
    public void A_file_without_names_is_an_error(string content, string problem) =>
        Assert.Contains(problem, Assert.Throws<InvalidDataException>(() => ItemSelection.Read(Write("names", content))).Message, StringComparison.Ordinal);

    private ItemFile Data() =>
        ItemFile.Read(Write("items.jsonl", string.Concat(Enumerable.Range(0, 10).Select(i => $$"""{"item": {{i}}, "context": "a", "endings": ["b", "c"], "label": 0}""" + "\n"))));

    private string Write(string name, string content)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
