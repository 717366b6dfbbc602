#!/usr/bin/env python3
"""Tests the Spack recipe with a stand-in for Spack: its options must be CMakeLists.txt's, its dependencies CMake's.

The stand-in has only the names of Spack's package API that the recipe uses; it does not show what Spack itself makes
of the recipe.
"""
import importlib.util
import re
import sys
import types
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = ROOT / "scripts/packaging/spack/spack_repo/haloedge"

# Spack's names of the packages that CMake finds. CUDA is missing here, because it is a variant of the recipe.
SPACK_NAMES = {
    "MPI": "mpi",
    "HDF5": "hdf5",
    "TIFF": "libtiff",
    "JPEG": "libjpeg-turbo",
    "PNG": "libpng",
    "ISAL_LIBRARY": "isa-l",
    "WEBP": "libwebp",
    "GIF": "giflib",
    "JPEG2000": "openjpeg",
    "HEIF": "libheif",
    "pugixml": "pugixml",
    "SQLite3": "sqlite",
    "hwy": "highway",
    "fmt": "fmt",
    "CLI11": "cli11",
    "nlohmann_json": "nlohmann-json",
    "GTest": "googletest",
    "CUDAToolkit": "cuda",
}
OF_THE_COMPILER = {"OpenMP", "Threads"}


class FakeSpec:
    def __init__(self, cuda=False, cuda_arch=("none",)):
        self.facts = {"+cuda" if cuda else "~cuda", "cuda_arch=" + ",".join(cuda_arch)}
        self.variants = {"cuda_arch": types.SimpleNamespace(value=cuda_arch)}

    def satisfies(self, constraint):
        return constraint in self.facts


class FakeCMakePackage:
    run_tests = False

    def __init__(self, spec):
        self.spec = spec

    @staticmethod
    def define(name, value):
        if isinstance(value, bool):
            return f"-D{name}:BOOL={'ON' if value else 'OFF'}"
        return f"-D{name}:STRING={value if isinstance(value, str) else ';'.join(value)}"


def load_recipe():
    """Returns the recipe's class, and its directives as (name, arguments, options)."""
    directives = []
    package = types.ModuleType("spack.package")
    for name in ("conflicts", "depends_on", "license", "version"):
        setattr(package, name, lambda *args, _name=name, **options: directives.append((_name, args, options)))
    cmake = types.ModuleType("spack_repo.builtin.build_systems.cmake")
    cmake.CMakePackage = FakeCMakePackage
    cuda = types.ModuleType("spack_repo.builtin.build_systems.cuda")
    cuda.CudaPackage = type("CudaPackage", (), {})
    modules = {module.__name__: module for module in (package, cmake, cuda)}
    for name in list(modules):
        while "." in name:
            name = name.rpartition(".")[0]
            modules.setdefault(name, types.ModuleType(name))

    spec = importlib.util.spec_from_file_location("recipe", REPOSITORY / "packages/haloedge/package.py")
    recipe = importlib.util.module_from_spec(spec)
    with mock.patch.dict(sys.modules, modules):
        spec.loader.exec_module(recipe)
    return recipe.Haloedge, directives


class SpackRecipe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.recipe, cls.directives = load_recipe()
        cls.cmake = "\n".join(
            path.read_text() for path in [ROOT / "CMakeLists.txt", *sorted((ROOT / "scripts/cmake").glob("*.cmake"))]
        )

    def arguments(self, **variants):
        return self.recipe(FakeSpec(**variants)).cmake_args()

    def dependencies(self):
        return {args[0].split()[0].split("@")[0]: (args[0], options)
                for name, args, options in self.directives if name == "depends_on"}

    def test_repository_is_one_of_spack_1(self):
        lines = (REPOSITORY / "repo.yaml").read_text().split("\n")
        self.assertEqual(lines, ["repo:", f"  namespace: {REPOSITORY.name}", "  api: v2.0", ""])
        self.assertEqual(REPOSITORY.parent.name, "spack_repo")

    def test_builds_the_clone_that_it_lies_in(self):
        self.assertEqual(self.recipe.git, ROOT.as_uri())
        self.assertIn(("version", ("main",), {"branch": "main"}), self.directives)

    def test_arguments_of_variants(self):
        self.assertEqual(self.arguments(), ["-DHALOEDGE_TESTS:BOOL=OFF", "-DHALOEDGE_CUDA:STRING=OFF"])
        self.assertEqual(self.arguments(cuda=True), ["-DHALOEDGE_TESTS:BOOL=OFF", "-DHALOEDGE_CUDA:STRING=ON"])
        self.assertEqual(self.arguments(cuda=True, cuda_arch=("80", "90"))[2:], ["-DCMAKE_CUDA_ARCHITECTURES:STRING=80;90"])

    def test_every_option_is_one_of_cmakelists(self):
        known = set(re.findall(r"(?:option|set)\((HALOEDGE_\w+) .*(?:ON|OFF|CACHE .*)\)", (ROOT / "CMakeLists.txt").read_text()))
        named = set(re.findall(r"-D(HALOEDGE_\w+)", " ".join(self.arguments(cuda=True))))
        self.assertTrue(named)
        self.assertLessEqual(named, known)

    def test_dependencies_are_those_that_cmake_asks_for(self):
        # Names that are put together of variables are those of haloedge_optional_library().
        asked = r"^ *(?:find_package|find_library|haloedge_optional_library)\((\w+)(?=[ )])"
        found = set(re.findall(asked, self.cmake, re.M)) - OF_THE_COMPILER
        self.assertLessEqual(found, set(SPACK_NAMES), "tell this test, and the recipe, what Spack calls it")
        self.assertEqual({SPACK_NAMES[name] for name in found}, set(self.dependencies()) - {"c", "cxx", "cmake"})
        self.assertEqual(self.dependencies()["googletest"][1], {"type": "test"})
        self.assertEqual(self.dependencies()["cuda"][1], {"when": "+cuda"})
        self.assertIn("+mpi", self.dependencies()["hdf5"][0])

    def test_cmake_is_new_enough(self):
        wanted = re.search(r"cmake_minimum_required\(VERSION ([\d.]+)\)", self.cmake)[1]
        self.assertEqual(self.dependencies()["cmake"], (f"cmake@{wanted}:", {"type": "build"}))


if __name__ == "__main__":
    unittest.main()
